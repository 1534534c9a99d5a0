"""Copy a repository: its files and history, under a name of one's own."""

from starlette.routing import Route

from hubkeep import accounts, repos
from hubkeep.accounts import Actor, NotSignedIn
from hubkeep.kit import ReadTx
from hubkeep.repos import NewRepo
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.discussions import REPO
from hubkeep.web.endpoint import form
from hubkeep.web.head import head_of
from hubkeep.web.org_choices import chosen_group, groups_to_fill


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the form; a copy is private unless one says otherwise. Raises NotSignedIn, GatedRepo."""
    repo = repos.get(tx, actor, asked.kind, asked.full_name)
    if actor.anonymous:
        raise NotSignedIn
    repos.require_content(tx, actor, repo)
    me = accounts.whoami(tx, actor)
    groups = groups_to_fill(tx, actor, me.orgs)
    some = {name for name, _ in groups}
    orgs = [org.org_name for org in me.orgs if org.org_name in some or accounts.may_create(actor, org.org_id)]
    mine = repo.owner == me.user.name
    facts = {
        "head": head_of(asked, actor, repo, "duplicate"),
        "section": repo.kind,
        "owners": [me.user.name, *orgs],
        "owner": asked.value("owner") or me.user.name,
        "name": asked.value("name") or (f"{repo.name}-copy"[:96] if mine else repo.name),
        "public": asked.value("visibility") == "public",
        "groups": groups,
        "group": asked.value("group"),
    }
    return Page("pages/duplicate.html", facts)


async def act(asked: Asked) -> Redirect:
    """Make the copy and go there."""
    new = NewRepo(
        kind=asked.kind,
        owner=asked.value("owner"),
        name=asked.value("name").strip(),
        private=asked.value("visibility") != "public",
        resource_group_id=chosen_group(asked.value("group")),
    )
    copied = await asked.hub.work(repos.duplicate, asked.caller, asked.kind, asked.full_name, new)
    return Redirect(urls.repo_url(copied))


routes = [Route(REPO + "/duplicate", form(show, act), methods=["GET", "POST"])]
