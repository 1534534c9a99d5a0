"""People and organizations as the wire shows them beside what they did."""

from typing import Any

from hubkeep.accounts import Owner
from hubkeep.wire.shapes.names import avatar_url, object_id


def account(owner: Owner, base: str) -> dict[str, Any]:
    """Return an account card. Source: the Hub's own shape `Account`."""
    shown: dict[str, Any] = {
        "_id": object_id(owner.id, owner.created_at),
        "name": owner.name,
        "fullname": owner.fullname,
        "avatarUrl": avatar_url(base, owner.name, owner.avatar),
        "isHf": False,
        "isHfAdmin": False,
        "isMod": False,
        "type": owner.kind.value,
    }
    if owner.kind == "user":
        shown["isPro"] = False
    return shown


def author(owner: Owner | None, base: str) -> dict[str, Any]:
    """Return `{"author": …}`, or nothing for somebody who is gone: `null` would crash clients.

    Source: hub-platform contract section 3: absent reads as "deleted".
    """
    return {} if owner is None else {"author": account(owner, base)}
