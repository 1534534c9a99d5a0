"""Settings of an organization: its resource groups, who is in them, and what."""

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor, NotAllowed, Role, orgs
from hubkeep.accounts.orgs import AutoJoin, NewGroup
from hubkeep.community import collections
from hubkeep.kit import BadInput, ReadTx, WriteTx
from hubkeep.repos import Kind
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.collection_url import collection_url
from hubkeep.web.endpoint import form
from hubkeep.web.ids import hex_id, number_in
from hubkeep.web.org_settings import BASE, chosen_role, org_for, settings_url

ROLES = {
    Role.READ: "Sees its private repositories.",
    Role.CONTRIBUTOR: "Also creates repositories in it, and changes those.",
    Role.WRITE: "Also changes every repository in it.",
    Role.ADMIN: "Also says who is in it.",
}


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """List the groups of an organization."""
    org = org_for(tx, actor, asked)
    found = [(one, hex_id(one.id, one.created_at)) for one in orgs.list_groups(tx, actor, org.name)]
    facts = {
        "org": org,
        "here": settings_url(org.name, "resource-groups"),
        "groups": found,
        "given": {name: asked.value(name) for name in ("name", "description")},
        "did": asked.query.get("done", ""),
    }
    return Page("pages/org_groups.html", facts)


async def create(asked: Asked) -> Redirect:
    """Make a group, and go there."""
    new = NewGroup(asked.value("name"), asked.value("description"))
    made = await asked.hub.write(orgs.create_group, asked.caller, asked.params["org"], new)
    page = f"resource-groups/{hex_id(made.id, made.created_at)}"
    return Redirect(settings_url(asked.params["org"], page))


def show_one(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show a group to those who may change it."""
    org, group = orgs.get_group(tx, actor, asked.params["org"], number_in(asked.params["group"]))
    if not orgs.may_administer_group(actor, org.id, group.id):
        raise NotAllowed(what="change this resource group")
    kept = collections.collections_in_group(tx, actor, group.id)
    facts = {
        "org": org,
        "here": settings_url(org.name, f"resource-groups/{hex_id(group.id, group.created_at)}"),
        "group": group,
        "members": orgs.members_of_group(tx, group.id),
        "inside": repos.repos_in_group(tx, actor, group.id),
        "collections": [(one, collection_url(one)) for one in kept],
        "roles": ROLES,
        "all_roles": [*Role],
        "whole": orgs.may_administer(actor, org.id),
        "did": asked.query.get("done", ""),
    }
    return Page("pages/org_group.html", facts)


async def act(asked: Asked) -> Redirect:
    """Carry out the part of the page whose button was pressed."""
    org, number, do = asked.params["org"], number_in(asked.params["group"]), asked.value("do")
    if do == "delete":
        await asked.hub.write(_delete, asked.caller, org, number, asked.value("confirm"))
        return Redirect(settings_url(org, "resource-groups") + "?done=deleted")
    await asked.hub.write(_change, asked.caller, org, number, asked)
    return Redirect(
        settings_url(org, f"resource-groups/{urls.segment(asked.params['group'])}") + f"?done={do}"
    )


def _delete(tx: WriteTx, actor: Actor, org: str, number: int, confirm: str) -> None:
    _, group = orgs.get_group(tx, actor, org, number)
    if confirm.strip() != group.name:
        raise BadInput(field="confirm", reason=f"type {group.name} to delete it")
    orgs.delete_group(tx, actor, org, number)


def _change(tx: WriteTx, actor: Actor, org: str, number: int, asked: Asked) -> None:
    match asked.value("do"):
        case "add":
            orgs.add_to_group(tx, actor, org, number, [(asked.value("user").strip(), chosen_role(asked))])
        case "role":
            orgs.change_group_role(tx, actor, org, number, asked.value("user"), chosen_role(asked))
        case "remove":
            orgs.remove_from_group(tx, actor, org, number, asked.value("user"))
        case "rename":
            name, said = asked.value("name"), asked.value("description")
            orgs.update_group(tx, actor, org, number, name=name, description=said)
        case "auto":
            role = asked.value("role")
            auto = AutoJoin(chosen_role(asked), asked.value("scope") or "all") if role else None
            orgs.set_auto_join(tx, actor, org, number, auto)
        case "put":
            kind, name = _repo(asked.value("repo"), org)
            orgs.get_group(tx, actor, org, number)
            repos.set_resource_group(tx, actor, kind, name, number)
        case "take":
            kind, name = _repo(asked.value("repo"), org)
            repos.set_resource_group(tx, actor, kind, name, None)
        case _:
            raise BadInput(field="do", reason="must be a button of this page")


def _repo(text: str, org: str) -> tuple[Kind, str]:
    """Read `datasets/owner/name`, `owner/name` (a model), or `name` alone: a model of this organization."""
    parts = [part for part in text.strip().strip("/").split("/") if part]
    plurals = {kind.plural: kind for kind in Kind}
    kind = plurals.get(parts[0], Kind.MODEL) if len(parts) == 3 else Kind.MODEL
    if len(parts) == 3 and parts[0] in plurals:
        parts = parts[1:]
    if not 1 <= len(parts) <= 2:
        raise BadInput(field="repo", reason="must be like name, or datasets/owner/name")
    return kind, "/".join(parts if len(parts) == 2 else [org, *parts])


routes = [
    Route(f"{BASE}/resource-groups", form(show, create), methods=["GET", "POST"]),
    Route(f"{BASE}/resource-groups/{{group:seg}}", form(show_one, act), methods=["GET", "POST"]),
]
