"""Requests for access as the wire shows them. Source: hub-platform contract section 5."""

from typing import Any

from hubkeep.kit import wire_date
from hubkeep.repos import AccessRequest
from hubkeep.wire.shapes.names import avatar_url, object_id


def access_request(one: AccessRequest, base: str) -> dict[str, Any]:
    """Return a request to those who keep the gate. Whoever was let in without asking did not give their address away."""
    user = one.user
    shown: dict[str, Any] = {
        "requestId": object_id(one.id, one.asked_at),
        "status": one.status.value,
        "timestamp": wire_date(one.asked_at),
        "user": {
            "_id": object_id(user.id, user.created_at),
            "user": user.name,
            "fullname": user.fullname,
            "avatarUrl": avatar_url(base, user.name, user.avatar),
            "isPro": False,
            "type": "user",
        },
    }
    if one.granted:
        shown["grantedBy"] = {"user": one.reviewer, "type": "user"}
    else:
        shown["fields"] = dict(one.answers)
        shown["user"] |= {"email": user.email} if user.email else {}
    if one.reviewed_at is not None:
        shown["reviewedAt"] = wire_date(one.reviewed_at)
    if one.reason:
        shown["rejectionReason"] = one.reason
    return shown


def report(one: AccessRequest) -> dict[str, Any]:
    """Return the line of a report about one request."""
    return {
        "user": one.user.name,
        "fullname": one.user.fullname,
        "status": one.status.value,
        "email": None if one.granted else one.user.email or None,
        "time": wire_date(one.asked_at),
        "reviewedAt": wire_date(one.reviewed_at) if one.reviewed_at else None,
        "fields": dict(one.answers),
    }
