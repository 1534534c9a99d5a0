"""Resource groups as the wire shows them. Source: hub-platform contract section 17, shape `ResourceGroup`."""

from collections.abc import Sequence
from typing import Any

from hubkeep.accounts import GroupRole
from hubkeep.accounts.orgs import AutoJoin, GroupMember, ResourceGroup
from hubkeep.community.collections import Shown
from hubkeep.repos import Repo
from hubkeep.wire.shapes.collection import slug
from hubkeep.wire.shapes.names import avatar_url, object_id


def group_id(group: ResourceGroup) -> str:
    """Return the id by which programs know a group."""
    return object_id(group.id, group.created_at)


def group_ref(group: ResourceGroup) -> dict[str, Any]:
    """Return a group beside what is in it."""
    return {"id": group_id(group), "name": group.name, "numUsers": group.members}


def group_role(one: GroupRole) -> dict[str, Any]:
    """Return a group that somebody is in."""
    return {
        "id": object_id(one.group_id, one.created_at),
        "name": one.name,
        "numUsers": one.members,
        "role": one.role.value,
    }


def full(
    group: ResourceGroup,
    members: Sequence[GroupMember],
    repos: Sequence[Repo],
    collections: Sequence[Shown],
    base: str,
) -> dict[str, Any]:
    """Return a group with who and what is in it."""
    return {
        "id": group_id(group),
        "name": group.name,
        "description": group.description or None,
        "autoJoin": auto_join(group.auto_join),
        "users": [_member(one, base) for one in members],
        "resources": [*map(repo_resource, repos), *map(_collection, collections)],
    }


def auto_join(found: AutoJoin | None) -> dict[str, Any]:
    """Return what those who join get."""
    if found is None:
        return {"enabled": False}
    return {"enabled": True, "role": found.role.value, "scope": found.scope}


def repo_resource(repo: Repo) -> dict[str, Any]:
    """Return a repository in a group."""
    return {"type": repo.kind.value, "name": repo.full_name, "private": repo.private}


def _collection(shown: Shown) -> dict[str, Any]:
    one = shown.collection
    return {
        "type": "collection",
        "id": object_id(one.id, one.created_at),
        "slug": slug(one, shown.owner),
        "title": one.title,
        "private": one.private,
    }


def _member(one: GroupMember, base: str) -> dict[str, Any]:
    user = one.user
    return {
        "type": "user",
        "_id": object_id(user.id, user.created_at),
        "name": user.name,
        "fullname": user.fullname,
        "avatarUrl": avatar_url(base, user.name, user.avatar),
        "role": one.role.value,
        **({"addedBy": one.added_by.name} if one.added_by else {}),
    }
