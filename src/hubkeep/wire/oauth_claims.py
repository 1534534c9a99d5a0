"""What an app is told about the person who signed in to it."""

from typing import Any

from hubkeep import accounts
from hubkeep.accounts import Actor
from hubkeep.accounts.oauth import Consent, Scope
from hubkeep.kit import ReadTx
from hubkeep.wire.shapes.names import avatar_url, object_id


def claims_of(tx: ReadTx, actor: Actor, consent: Consent, base: str) -> dict[str, Any]:
    """Return what an app may know. Source: hub-platform contract 1.4, `userinfo`."""
    assert actor.user_id is not None
    user = accounts.user_by_id(tx, actor.user_id)
    assert user is not None
    claims: dict[str, Any] = {"sub": object_id(user.id, user.created_at)}
    if Scope.PROFILE in consent.scope:
        claims |= {
            "name": user.fullname,
            "preferred_username": user.name,
            "profile": f"{base}/{user.name}",
            "picture": avatar_url(base, user.name, user.avatar),
            "website": "",
            "isPro": False,
        }
    if Scope.EMAIL in consent.scope and user.email:
        claims |= {"email": user.email, "email_verified": accounts.is_confirmed(tx, user.id)}
    if Scope.PROFILE in consent.scope or Scope.READ_MEMBERSHIPS in consent.scope:
        claims["orgs"] = _orgs(tx, user.id, consent, base)
    return claims


def _orgs(tx: ReadTx, user_id: int, consent: Consent, base: str) -> list[dict[str, Any]]:
    every = Scope.READ_MEMBERSHIPS in consent.scope
    return [
        {
            "sub": object_id(membership.org_id, membership.org_created_at),
            "name": membership.org_fullname,
            "preferred_username": membership.org_name,
            "picture": avatar_url(base, membership.org_name, membership.org_avatar),
            "isEnterprise": False,
            "roleInOrg": membership.role.value,
        }
        for membership in accounts.orgs_of(tx, user_id)
        if every or membership.org_id in consent.org_ids
    ]
