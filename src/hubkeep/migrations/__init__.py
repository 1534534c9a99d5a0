"""The schema's history: one file per step, applied by `hubkeep db upgrade` and by the first start of a release.

A new step: change a room's `tables.py`, then `scripts/new-migration "say why"` writes the file; read it before you keep it.
Steps expand first and contract a release later, so that the running release is undisturbed while nodes are replaced.
"""

from contextlib import suppress
from importlib import import_module
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from hubkeep.kit import Database, HubError
from hubkeep.kit import metadata as metadata

# Rooms register their tables when these are imported, so every room's are: also of one that nothing else needed yet.
_HOUSE = Path(__file__).parents[1]
for _tables in sorted(_HOUSE.rglob("tables.py")):
    import_module(".".join(["hubkeep", *_tables.relative_to(_HOUSE).with_suffix("").parts]))

_ONE_AT_A_TIME = 0x6875626B656570  # key of PostgreSQL's advisory lock: "hubkeep"


class SchemaTooNew(HubError):
    """The database was upgraded by a newer release."""

    status = 503
    text = "The database is at revision {revision}, which this release does not know. Run the newer release."


def upgrade(db: Database, to: str = "head") -> list[str]:
    """Bring the schema to revision `to`; return the revisions applied, none when there was nothing to do.

    Of several processes that start at once, one does the work and the others wait. All steps commit together, or none.

    Raises:
        SchemaTooNew: a newer release was here, or `to` is one of its revisions.
    """
    wanted = head() if to == "head" else to
    _steps(wanted)
    if current(db) == wanted:
        return []
    with db.write() as tx:
        if tx.sql.dialect.name == "postgresql":
            tx.sql.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
        before = _steps(_revision(tx.sql))
        config = _config()
        config.attributes["connection"] = tx.sql
        command.upgrade(config, wanted)
        return [step for step in _steps(_revision(tx.sql)) if step not in before]


def current(db: Database) -> str | None:
    """Return the revision of the schema, None for an empty database. Raises SchemaTooNew."""
    with db.read() as tx:
        revision = _revision(tx.sql)
    _steps(revision)
    return revision


def head() -> str:
    """Return the revision that this release needs."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def _revision(sql: sa.Connection) -> str | None:
    return MigrationContext.configure(sql).get_current_revision()


def _steps(revision: str | None) -> list[str]:
    """Return every revision up to `revision`, oldest first. Raises SchemaTooNew."""
    if revision is None:
        return []
    with suppress(Exception):  # alembic raises several kinds for a name it does not know
        walked = ScriptDirectory.from_config(_config()).iterate_revisions(revision, "base")
        return [step.revision for step in walked][::-1]
    raise SchemaTooNew(revision=revision)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
