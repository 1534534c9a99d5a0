"""Settings of a repository: who sees it, what it is called, whether people talk there, and its end."""

from starlette.routing import Route

from hubkeep import accounts, repos
from hubkeep.accounts import Action, Actor, WhoAmI, orgs
from hubkeep.accounts.orgs import ResourceGroup
from hubkeep.community import discussions
from hubkeep.community.discussions import Sorting
from hubkeep.kit import BadInput, ReadTx
from hubkeep.repos import Changes, Repo
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form
from hubkeep.web.gate_settings import change_gate
from hubkeep.web.head import head_of
from hubkeep.web.org_choices import chosen_group, groups_to_fill


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the settings to those who may change them."""
    repo = repos.get_for(tx, actor, asked.kind, asked.full_name, Action.MANAGE)
    me = accounts.whoami(tx, actor)
    owners = [me.user.name, *(org.org_name for org in me.orgs if accounts.may_create(actor, org.org_id))]
    facts = {
        "head": head_of(asked, actor, repo, "settings"),
        "section": repo.kind,
        "owners": list(dict.fromkeys([repo.owner, *owners])),
        "new_owner": asked.value("owner") or repo.owner,
        "new_name": asked.value("name") or repo.name,
        "talks": discussions.settings_of(tx, repo.id),
        "sortings": list(Sorting),
        "gate": repos.gate_of(tx, repo),
        "groups": _groups(tx, actor, me, repo),
        "did": asked.query.get("done", ""),
    }
    return Page("pages/repo_settings.html", facts)


def _groups(tx: ReadTx, actor: Actor, me: WhoAmI, repo: Repo) -> list[ResourceGroup]:
    """Return the groups that the repository may be put into, and the one that it is in."""
    here = [one for one in me.orgs if one.org_id == repo.owner_id]
    found = [group for _, some in groups_to_fill(tx, actor, here) for group in some]
    now = orgs.group_by_id(tx, repo.resource_group_id) if repo.resource_group_id is not None else None
    return [now, *found] if now is not None and now not in found else found


async def change(asked: Asked) -> Redirect:
    """Carry out the part of the page whose button was pressed."""
    carry_out = _PARTS.get(asked.value("do"))
    if carry_out is None:
        raise BadInput(field="do", reason=f"must be one of {', '.join(_PARTS)}")
    return await carry_out(asked)


async def _visibility(asked: Asked) -> Redirect:
    wanted = asked.value("visibility")
    if wanted not in ("public", "private"):
        raise BadInput(field="visibility", reason="must be public or private")
    changes = Changes(private=wanted == "private")
    repo = await asked.hub.write(repos.update_settings, asked.caller, asked.kind, asked.full_name, changes)
    return Redirect(f"{urls.repo_url(repo)}/settings?done=visibility")


async def _group(asked: Asked) -> Redirect:
    group_id = chosen_group(asked.value("group"))
    repo, _ = await asked.hub.write(
        repos.set_resource_group, asked.caller, asked.kind, asked.full_name, group_id
    )
    return Redirect(f"{urls.repo_url(repo)}/settings?done=group")


async def _move(asked: Asked) -> Redirect:
    to = f"{asked.value('owner').strip()}/{asked.value('name').strip()}"
    repo = await asked.hub.write(repos.move, asked.caller, asked.kind, asked.full_name, to)
    return Redirect(f"{urls.repo_url(repo)}/settings?done=move")


async def _discussions(asked: Asked) -> Redirect:
    wanted, order = asked.value("discussions"), asked.value("sorting")
    if wanted not in ("on", "off"):
        raise BadInput(field="discussions", reason="must be on or off")
    if order not in list(Sorting):
        raise BadInput(field="sorting", reason=f"must be one of {', '.join(Sorting)}")
    await asked.hub.write(
        discussions.update_settings,
        asked.caller,
        asked.kind,
        asked.full_name,
        disabled=wanted == "off",
        sorting=Sorting(order),
    )
    return Redirect(f"{urls.named_url(asked.kind, asked.full_name)}/settings?done=discussions")


async def _delete(asked: Asked) -> Redirect:
    if asked.value("confirm").strip() != asked.full_name:
        raise BadInput(field="confirm", reason=f"type {asked.full_name} to delete it")
    gone = await asked.hub.write(repos.delete, asked.caller, asked.kind, asked.full_name)
    return Redirect(urls.owner_url(gone.owner))


_PARTS = {
    "visibility": _visibility,
    "gate": change_gate,
    "group": _group,
    "move": _move,
    "discussions": _discussions,
    "delete": _delete,
}
routes = [Route("/{kind:prefix}{ns:seg}/{name:seg}/settings", form(show, change), methods=["GET", "POST"])]
