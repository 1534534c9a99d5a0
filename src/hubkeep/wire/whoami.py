"""Who the caller is, as clients ask after every sign-in."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from hubkeep import accounts, repos
from hubkeep.accounts import Actor, EntityType, GroupRole, Membership, Scopes, Token, WhoAmI
from hubkeep.kit import ReadTx, wire_date
from hubkeep.repos import Kind
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.shapes.group import group_role
from hubkeep.wire.shapes.names import avatar_url, object_id

router = APIRouter()
_OWNERS = (EntityType.USER, EntityType.ORG)


@router.get("/api/whoami-v2")
@router.get("/api/whoami", include_in_schema=False)
async def whoami(caller: Caller, hub: TheHub) -> Response:
    """Tell the caller's name, organizations and token. Source: hub-core contract A1."""
    me, scoped = await hub.read(_asked, caller)
    return Json(shown(me, hub.url, scoped))


def _asked(tx: ReadTx, actor: Actor) -> tuple[WhoAmI, list[dict[str, Any]]]:
    me = accounts.whoami(tx, actor)
    return me, _scoped(tx, me.token.scopes) if me.token and me.token.scopes else []


def shown(me: WhoAmI, base: str, scoped: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Shape the caller's facts. There is no billing on this hub: nobody is on a plan, nobody owes."""
    user = me.user
    return {
        "type": "user",
        "id": object_id(user.id, user.created_at),
        "name": user.name,
        "fullname": user.fullname,
        "email": user.email or None,
        "emailVerified": me.confirmed,
        "canPay": False,
        "isPro": False,
        "avatarUrl": avatar_url(base, user.name, user.avatar),
        "orgs": [_org(one, me.groups.get(one.org_id, ()), base) for one in me.orgs],
        "auth": _auth(me.token, scoped) if me.token else {"type": "cookie"},
    }


def _org(membership: Membership, groups: Sequence[GroupRole], base: str) -> dict[str, Any]:
    return {
        "type": "org",
        "id": object_id(membership.org_id, membership.org_created_at),
        "name": membership.org_name,
        "fullname": membership.org_fullname,
        "canPay": False,
        "avatarUrl": avatar_url(base, membership.org_name, membership.org_avatar),
        "roleInOrg": membership.role.value,
        **({"resourceGroups": [group_role(one) for one in groups]} if groups else {}),
    }


def _auth(token: Token, scoped: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Shape how the caller came. Source: hub-platform contract 1.1."""
    fine = token.scopes
    limits = {
        "scoped": scoped,
        "global": sorted(fine.everywhere) if fine else [],
        "canReadGatedRepos": bool(fine and fine.gated),
    }
    made = {
        "displayName": token.name,
        "role": token.role.value,
        "createdAt": wire_date(token.created_at),
        **({"fineGrained": limits} if fine is not None else {}),
    }
    ends = {"expiresAt": wire_date(token.expires_at)} if token.expires_at is not None else {}
    return {"type": "access_token", "accessToken": made, **ends}


def _scoped(tx: ReadTx, scopes: Scopes) -> list[dict[str, Any]]:
    """Shape what a fine-grained token names, with the names that things have now."""
    owners = accounts.owners_known(tx, [entity.id for entity in scopes.on if entity.type in _OWNERS])
    known = {repo.entity: repo for repo in repos.repos_by_id(tx, _repo_ids(scopes))}
    shown = []
    for entity, given in sorted(scopes.on.items()):
        named: dict[str, Any] = {"_id": f"{entity.id:024x}"}
        if entity.type in _OWNERS and entity.id in owners:
            owner = owners[entity.id]
            named = {"_id": object_id(owner.id, owner.created_at), "name": owner.name}
        elif entity in known:
            repo = known[entity]
            named = {"_id": object_id(repo.id, repo.created_at), "name": repo.full_name}
        shown.append({"entity": {**named, "type": entity.type.value}, "permissions": sorted(given)})
    return shown


def _repo_ids(scopes: Scopes) -> list[int]:
    return [entity.id for entity in scopes.on if entity.type.value in list(Kind)]
