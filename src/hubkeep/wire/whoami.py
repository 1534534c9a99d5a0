"""Who the caller is, as clients ask after every sign-in."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from hubkeep import accounts
from hubkeep.accounts import GroupRole, Membership, Token, WhoAmI
from hubkeep.kit import wire_date
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.shapes.group import group_role
from hubkeep.wire.shapes.names import avatar_url, object_id

router = APIRouter()


@router.get("/api/whoami-v2")
@router.get("/api/whoami", include_in_schema=False)
async def whoami(caller: Caller, hub: TheHub) -> Response:
    """Tell the caller's name, organizations and token. Source: hub-core contract A1."""
    return Json(shown(await hub.read(accounts.whoami, caller), hub.url))


def shown(me: WhoAmI, base: str) -> dict[str, Any]:
    """Shape the caller's facts. There is no billing on this hub: nobody is on a plan, nobody owes."""
    user = me.user
    return {
        "type": "user",
        "id": object_id(user.id, user.created_at),
        "name": user.name,
        "fullname": user.fullname,
        "email": user.email or None,
        "emailVerified": bool(user.email),
        "canPay": False,
        "isPro": False,
        "avatarUrl": avatar_url(base, user.name),
        "orgs": [_org(one, me.groups.get(one.org_id, ()), base) for one in me.orgs],
        "auth": {"type": "access_token", "accessToken": _token(me.token)} if me.token else {"type": "cookie"},
    }


def _org(membership: Membership, groups: Sequence[GroupRole], base: str) -> dict[str, Any]:
    return {
        "type": "org",
        "id": f"{membership.org_id:024x}",
        "name": membership.org_name,
        "fullname": membership.org_fullname,
        "canPay": False,
        "avatarUrl": avatar_url(base, membership.org_name),
        "roleInOrg": membership.role.value,
        **({"resourceGroups": [group_role(one) for one in groups]} if groups else {}),
    }


def _token(token: Token) -> dict[str, Any]:
    return {
        "displayName": token.name,
        "role": token.role.value,
        "createdAt": wire_date(token.created_at),
    }
