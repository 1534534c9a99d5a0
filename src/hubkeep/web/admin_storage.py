"""What the hub stores and how full it is, for operators; and garbage: what goes by itself, and when."""

from starlette.routing import Route

from hubkeep import accounts, repos
from hubkeep.accounts import Actor
from hubkeep.kit import BadInput, ReadTx
from hubkeep.repos import Looked
from hubkeep.web.admin_desk import operating, operators
from hubkeep.web.admin_overview import disk_of
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form

HERE = "/-/storage"
LARGEST = 10


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show sums, the largest repositories, and the last collection of garbage."""
    settings = asked.hub.settings
    facts = {
        "kinds": repos.count_repos(tx, actor),
        "largest": repos.every_repo(tx, actor, Looked(largest=True), limit=LARGEST),
        "largest_owners": repos.largest_owners(tx, actor, LARGEST),
        "disk": disk_of(settings),
        "gc": settings.gc,
        "last": repos.last_gc(tx),
        "did": asked.query.get("done", ""),
    }
    return Page("pages/admin_storage.html", facts)


async def act(asked: Asked) -> Redirect:
    """Have garbage collected now, in the background."""
    if asked.value("do") != "gc":
        raise BadInput(field="do", reason="must be gc")
    await asked.hub.write(accounts.run_job, asked.caller, repos.GC_NOW)
    return Redirect(f"{HERE}?done=gc")


routes = [Route(HERE, form(operators(show), operating(act)), methods=["GET", "POST"])]
