"""Users and organizations as lists and profiles show them. Source: hub-platform contract section 2."""

from typing import Any

from hubkeep.accounts import Membership, Owner, OwnerKind, User
from hubkeep.accounts.orgs import OrgMember
from hubkeep.community.follows import Overview
from hubkeep.kit import wire_date
from hubkeep.repos import Kind
from hubkeep.wire.shapes.group import group_role
from hubkeep.wire.shapes.names import avatar_url, object_id


def card(owner: Owner, base: str) -> dict[str, Any]:
    """Return a card of a list. `user` is what clients read, of organizations too."""
    shown: dict[str, Any] = {
        "_id": object_id(owner.id, owner.created_at),
        "user": owner.name,
        "fullname": owner.fullname,
        "avatarUrl": avatar_url(base, owner.name, owner.avatar),
        "type": owner.kind.value,
    }
    return shown | ({"isPro": False} if owner.kind is OwnerKind.USER else {"name": owner.name})


def member(one: OrgMember, base: str, *, full: bool) -> dict[str, Any]:
    """Return a member of an organization; `full` for its administrators."""
    user = one.user
    card = {
        "_id": object_id(user.id, user.created_at),
        "user": user.name,
        "fullname": user.fullname,
        "avatarUrl": avatar_url(base, user.name, user.avatar),
        "isPro": False,
        "type": "user",
    }
    if not full:
        return card
    inner = {"role": one.role.value, "resourceGroups": [group_role(group) for group in one.groups]}
    proven = user.email if user.email_confirmed else ""
    return card | inner | {"verifiedEmail": proven or None, "isExternalCollaborator": False}


def user_overview(found: Overview, user: User, base: str) -> dict[str, Any]:
    """Return a person's profile."""
    return {
        "_id": object_id(user.id, user.created_at),
        "user": user.name,
        "fullname": user.fullname,
        "avatarUrl": avatar_url(base, user.name, user.avatar),
        "isPro": False,
        "type": "user",
        "createdAt": wire_date(user.created_at),
        "details": found.person.details,
        "isFollowing": found.totals.mine,
        "numFollowers": found.totals.followers,
        "numFollowing": found.totals.following,
        "numLikes": found.likes,
        "numDiscussions": found.discussions,
        "numPapers": 0,
        "numUpvotes": found.upvotes,
        "orgs": [_org(one, base) for one in found.profile.orgs],
        **_owned(found),
    }


def org_overview(found: Overview, base: str) -> dict[str, Any]:
    """Return an organization's profile."""
    owner = found.profile.owner
    return {
        "_id": object_id(owner.id, owner.created_at),
        "name": owner.name,
        "fullname": owner.fullname,
        "avatarUrl": avatar_url(base, owner.name, owner.avatar),
        "type": "org",
        "isVerified": False,
        "isFollowing": found.totals.mine,
        "details": found.about.details,
        "numUsers": found.members,
        "numFollowers": found.totals.followers,
        "numPapers": 0,
        **_owned(found),
    }


def _owned(found: Overview) -> dict[str, int]:
    return {f"num{kind.plural.capitalize()}": found.owned[kind] for kind in Kind}


def _org(one: Membership, base: str) -> dict[str, Any]:
    return {
        "id": object_id(one.org_id, one.org_created_at),
        "name": one.org_name,
        "fullname": one.org_fullname,
        "avatarUrl": avatar_url(base, one.org_name, one.org_avatar),
    }
