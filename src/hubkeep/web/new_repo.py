"""Create a repository."""

from starlette.routing import Route

from hubkeep import accounts, repos, search
from hubkeep.accounts import Actor, NotSignedIn
from hubkeep.kit import BadInput, ReadTx
from hubkeep.repos import Kind, NewRepo
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form
from hubkeep.web.org_choices import chosen_group, groups_to_fill

SDKS = {
    "static": "HTML, CSS and JavaScript",
    "gradio": "Gradio",
    "streamlit": "Streamlit",
    "docker": "Docker",
}
_KINDS = (Kind.MODEL, Kind.DATASET, Kind.SPACE)


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the form, filled with what the address or the last try says. Raises NotSignedIn."""
    if actor.anonymous:
        raise NotSignedIn
    me = accounts.whoami(tx, actor)
    groups = groups_to_fill(tx, actor, me.orgs)
    some = {name for name, _ in groups}
    orgs = [org.org_name for org in me.orgs if org.org_name in some or accounts.may_create(actor, org.org_id)]
    given = asked.form or asked.query
    facts = {
        "owners": [me.user.name, *orgs],
        "groups": groups,
        "group": given.get("group", ""),
        "choices": _KINDS,
        "sdks": SDKS,
        "chosen_kind": given.get("kind") if given.get("kind") in _KINDS else Kind.MODEL,
        "owner": given.get("owner") or me.user.name,
        "name": given.get("name", ""),
        "private": given.get("visibility") == "private",
        "sdk": given.get("sdk") or "static",
        "licenses": search.vocabulary().licenses,
        "license": given.get("license", ""),
        "hub_url": asked.hub.url,
    }
    return Page("pages/new_repo.html", facts)


async def create(asked: Asked) -> Redirect:
    """Create it and go there."""
    if asked.value("kind") not in _KINDS:
        raise BadInput(field="kind", reason=f"must be one of {', '.join(_KINDS)}")
    kind = Kind(asked.value("kind"))
    new = NewRepo(
        kind=kind,
        owner=asked.value("owner"),
        name=asked.value("name").strip(),
        private=asked.value("visibility") == "private",
        sdk=asked.value("sdk") if kind is Kind.SPACE else None,
        license=asked.value("license"),
        resource_group_id=chosen_group(asked.value("group")),
    )
    return Redirect(urls.repo_url(await asked.hub.work(repos.create, asked.caller, new)))


routes = [Route("/new", form(show, create), methods=["GET", "POST"])]
