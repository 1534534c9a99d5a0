"""What people did lately. The Hub's own pages ask the like of it; no client does."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from hubkeep.community import activity
from hubkeep.community.activity import Activity, Feed
from hubkeep.kit import BadInput, wire_date
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.likes import place_of
from hubkeep.wire.pages import limit_of, next_link
from hubkeep.wire.shapes.account import author
from hubkeep.wire.shapes.names import object_id

router = APIRouter()


@router.get("/api/recent-activity")
async def recent_activity(request: Request, caller: Caller, hub: TheHub) -> Response:
    """List what people did: `feedType=all`, `following`, or `user` and `org` with the `entity`'s name."""
    kind, name = request.query_params.get("feedType", "all"), request.query_params.get("entity", "")
    after, limit = place_of(request), limit_of(request, activity.MAX_PAGE, activity.PAGE)
    match kind:
        case "all":
            found = await hub.read(activity.everybody, caller, after=after, limit=limit)
        case "following":
            found = await hub.read(activity.following, caller, after=after, limit=limit)
        case "user" | "org":
            found = await hub.read(activity.of_owner, caller, name, after=after, limit=limit)
        case _:
            raise BadInput(field="feedType", reason=f"{kind[:20]!r} is not one of all, following, user, org")
    return Json(_shown(found, hub.url), headers=next_link(request, hub, found.next))


def _shown(found: Feed, base: str) -> dict[str, Any]:
    return {"recentActivity": [_activity(one, base) for one in found.items]}


def _activity(one: Activity, base: str) -> dict[str, Any]:
    return {
        "_id": object_id(one.id, one.at),
        "type": one.deed.value,
        "time": wire_date(one.at),
        **author(one.actor, base),
        "repo": {"name": one.repo.full_name, "type": one.repo.kind.value},
        "data": one.data,
    }
