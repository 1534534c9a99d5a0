"""Webhooks. Source: hub-platform contract section 6."""

from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from hubkeep.community import webhooks
from hubkeep.community.webhooks import Delivery, Domain, State, Webhook, Wish
from hubkeep.kit import NotBuiltYet, wire_date
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.likes import place_of
from hubkeep.wire.pages import limit_of, next_link
from hubkeep.wire.shapes.ids import number_of
from hubkeep.wire.shapes.names import object_id

router = APIRouter()
PATH = "/api/settings/webhooks"
ONE = PATH + "/{webhook_id:seg}"
_DISABLED = {State.ON: False, State.OFF: True, State.SUSPENDED: "suspended-after-failure"}


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class _Watched(_Body):
    type: Literal["bucket", "dataset", "model", "space", "kernel", "org", "user"]
    name: str


class _Webhook(_Body):
    watched: list[_Watched] = []
    domains: list[Domain] | None = None
    url: str | None = None
    secret: str | None = None
    job: dict[str, Any] | None = None
    job_source_id: Annotated[str | None, Field(alias="jobSourceId")] = None
    secrets: dict[str, str] | None = None

    def wish(self, own_url: str) -> Wish:
        """Return what is asked for. Raises NotBuiltYet for jobs."""
        if self.job or self.job_source_id or self.secrets:
            raise NotBuiltYet(feature="Starting a job by a webhook")
        watched = [(one.type, one.name) for one in self.watched]
        return Wish(own_url, self.url, watched, self.domains, self.secret)


@router.get(PATH)
async def list_webhooks(caller: Caller, hub: TheHub) -> Response:
    """List the caller's webhooks: a bare array."""
    return Json([_shown(one) for one in await hub.read(webhooks.list_webhooks, caller)])


@router.post(PATH)
async def create(body: _Webhook, caller: Caller, hub: TheHub) -> Response:
    """Make a webhook."""
    made = await hub.write(webhooks.create, caller, body.wish(hub.url))
    return Json({"webhook": _shown(made, body.secret)})


@router.get(ONE)
async def get(webhook_id: str, caller: Caller, hub: TheHub) -> Response:
    """Show one of the caller's webhooks."""
    return Json({"webhook": _shown(await hub.read(webhooks.find, caller, number_of(webhook_id)))})


@router.post(ONE)
async def update(webhook_id: str, body: _Webhook, caller: Caller, hub: TheHub) -> Response:
    """Change a webhook."""
    found = await hub.write(webhooks.update, caller, number_of(webhook_id), body.wish(hub.url))
    return Json({"webhook": _shown(found, body.secret)})


@router.delete(ONE)
async def delete(webhook_id: str, caller: Caller, hub: TheHub) -> Response:
    """Delete a webhook."""
    await hub.write(webhooks.delete, caller, number_of(webhook_id))
    return Json({})


@router.post(ONE + "/enable")
async def enable(webhook_id: str, caller: Caller, hub: TheHub) -> Response:
    """Switch a webhook on."""
    return Json({"webhook": _shown(await hub.write(webhooks.switch, caller, number_of(webhook_id), on=True))})


@router.post(ONE + "/disable")
async def disable(webhook_id: str, caller: Caller, hub: TheHub) -> Response:
    """Switch a webhook off."""
    return Json(
        {"webhook": _shown(await hub.write(webhooks.switch, caller, number_of(webhook_id), on=False))}
    )


@router.get(ONE + "/deliveries")
async def deliveries(webhook_id: str, request: Request, caller: Caller, hub: TheHub) -> Response:
    """Show what a webhook delivered, the latest first."""
    after, limit = place_of(request), limit_of(request, webhooks.LOG_PAGE)
    found, following = await hub.read(
        webhooks.deliveries, caller, number_of(webhook_id), after=after, limit=limit
    )
    return Json([_delivery(one) for one in found], headers=next_link(request, hub, following))


@router.post(ONE + "/replay/{log_id:seg}")
async def replay(webhook_id: str, log_id: str, caller: Caller, hub: TheHub) -> Response:
    """Deliver once more."""
    made = await hub.write(webhooks.replay, caller, number_of(webhook_id), number_of(log_id))
    return Json({"status": made.fate.value, "id": object_id(made.id, made.created_at)})


def _shown(hook: Webhook, secret: str | None = None) -> dict[str, Any]:
    """Show a webhook. Its secret is told only in the answer to the call that brought it."""
    shown: dict[str, Any] = {
        "id": object_id(hook.id, hook.created_at),
        "url": hook.url,
        "watched": [{"type": one.kind, "name": one.name} for one in hook.watched],
        "domains": [domain.value for domain in hook.domains],
        "disabled": _DISABLED[hook.state],
        "hasSecret": bool(hook.secret),
    }
    if secret:
        shown["secret"] = secret
    if hook.last_trigger_at is not None:
        shown["lastTriggerAt"] = wire_date(hook.last_trigger_at)
    return shown


def _delivery(one: Delivery) -> dict[str, Any]:
    return {
        "id": object_id(one.id, one.created_at),
        "createdAt": wire_date(one.created_at),
        "updatedAt": wire_date(one.updated_at),
        "status": one.fate.value,
        "attempts": one.attempts,
        "statusCode": one.status or None,
        "error": one.error or None,
        "payload": orjson.loads(one.payload),
    }
