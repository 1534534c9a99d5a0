"""The hub at a glance, for its operators: who and what is here, what it takes, what waits, what runs it."""

import platform
import shutil
from dataclasses import dataclass

from starlette.routing import Route

from hubkeep import __version__, accounts, migrations, repos
from hubkeep.accounts import Actor
from hubkeep.kit import ReadTx, Settings
from hubkeep.kit.job_admin import JobState
from hubkeep.web.admin_desk import operators
from hubkeep.web.answer import Answer, Page
from hubkeep.web.asked import Asked
from hubkeep.web.audit_told import told
from hubkeep.web.endpoint import shows

FULL_PERCENT = 90  # of a disk: time to look


@dataclass(frozen=True)
class Disk:
    """The disk of the data folder, in bytes."""

    total: int
    free: int

    @property
    def percent(self) -> int:
        """How full it is."""
        return round(100 * (self.total - self.free) / self.total) if self.total else 0

    @property
    def is_full(self) -> bool:
        """True when somebody should look."""
        return self.percent >= FULL_PERCENT


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the overview."""
    jobs = accounts.queued_jobs(tx, actor, limit=1)[1]
    recent = accounts.audit_entries(tx, actor, accounts.AuditFilter(), limit=8)
    facts = {
        "people": accounts.count_people(tx, actor),
        "kinds": repos.count_repos(tx, actor),
        "jobs": jobs,
        "failed": jobs[JobState.FAILED],
        "disk": disk_of(asked.hub.settings),
        "about": about(tx, asked.hub.settings),
        "recent": recent,
        "told": told(tx, actor, recent),
    }
    return Page("pages/admin_overview.html", facts)


def disk_of(settings: Settings) -> Disk | None:
    """Measure the disk of the data folder; None where that cannot be told."""
    try:
        usage = shutil.disk_usage(settings.data)
    except OSError:
        return None
    return Disk(usage.total, usage.free)


def about(tx: ReadTx, settings: Settings) -> list[tuple[str, str]]:
    """Return what runs here, in words."""
    dialect = tx.sql.dialect
    version = ".".join(str(part) for part in dialect.server_version_info or ())
    storage = f"bucket {settings.storage.bucket}" if settings.storage.backend == "s3" else "local folder"
    return [
        ("hubkeep", __version__),
        ("Python", platform.python_version()),
        ("Database", f"{'PostgreSQL' if dialect.name == 'postgresql' else 'SQLite'} {version}".strip()),
        ("Schema", migrations.head()),
        ("Storage", storage),
        ("Address", settings.url),
        ("Host", platform.node()),
    ]


routes = [Route("/-/", shows(operators(show)), methods=["GET"])]
