"""Trusted publishers: which CI jobs may publish to a repository, or read in somebody's name, without a stored token."""

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Action, Actor
from hubkeep.kit import ReadTx
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form
from hubkeep.web.head import head_of
from hubkeep.web.ids import chosen_number

MINE = "/settings/publishers"
GITHUB = "https://token.actions.githubusercontent.com"
FIELDS = ("repository", "branch", "workflow", "environment")


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """List them, to those who manage the repository."""
    repo = repos.get_for(tx, actor, asked.kind, asked.full_name, Action.MANAGE)
    facts = {
        "head": head_of(asked, actor, repo, "settings"),
        "section": repo.kind,
        "publishers": repos.list_publishers(tx, actor, asked.kind, asked.full_name),
        "issuers": asked.hub.settings.publishers.issuers,
        "issuer": asked.value("issuer"),
        "filled": {name: asked.value(name) for name in FIELDS},
        "hub_url": asked.hub.url,
        "resource": f"{repo.kind.prefix}{repo.full_name}",
    }
    return Page("pages/publishers.html", facts)


async def act(asked: Asked) -> Redirect:
    """Add or delete one."""
    hub, place = asked.hub, (asked.kind, asked.full_name)
    if asked.value("do") == "delete":
        number = chosen_number(asked.value("id"), "id")
        await hub.write(repos.delete_publisher, asked.caller, *place, number)
    else:
        issuers = hub.settings.publishers.issuers
        await hub.write(
            repos.add_publisher, asked.caller, *place, issuers, asked.value("issuer"), _claims(asked)
        )
    return Redirect(asked.path)


def show_mine(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """List those whom the viewer trusts. Raises NotSignedIn."""
    facts = {
        "publishers": repos.my_publishers(tx, actor),
        "issuers": asked.hub.settings.publishers.issuers,
        "issuer": asked.value("issuer"),
        "filled": {name: asked.value(name) for name in FIELDS},
        "hub_url": asked.hub.url,
    }
    return Page("pages/my_publishers.html", facts)


async def act_mine(asked: Asked) -> Redirect:
    """Add or delete one."""
    hub = asked.hub
    if asked.value("do") == "delete":
        await hub.write(repos.delete_my_publisher, asked.caller, chosen_number(asked.value("id"), "id"))
    else:
        issuers = hub.settings.publishers.issuers
        await hub.write(repos.add_my_publisher, asked.caller, issuers, asked.value("issuer"), _claims(asked))
    return Redirect(MINE)


def _claims(asked: Asked) -> dict[str, str]:
    """Return the claims that the form describes, in the words of the issuer."""
    name = "repository" if asked.value("issuer") == GITHUB else "project_path"
    branch, github = asked.value("branch").strip(), asked.value("issuer") == GITHUB
    return {
        name: asked.value("repository"),
        "ref": (f"refs/heads/{branch}" if github else branch) if branch else "",
        "workflow": asked.value("workflow"),
        "environment": asked.value("environment"),
    }


routes = [
    Route(MINE, form(show_mine, act_mine), methods=["GET", "POST"]),
    Route("/{kind:prefix}{ns:seg}/{name:seg}/settings/publishers", form(show, act), methods=["GET", "POST"]),
]
