"""Which models did best on a data set. Source: hub-platform contract section 10."""

import re
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from hubkeep import accounts, repos, search
from hubkeep.accounts import Action, Actor
from hubkeep.kit import BadInput, HubError, ReadTx
from hubkeep.repos import Kind
from hubkeep.search import Standing
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.shapes.account import account

router = APIRouter()
_SIZE = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)([KMBT]?)")
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}


class NoLeaderboard(HubError):
    """No model tells of a result."""

    status, text = 404, "There is no leaderboard: no model tells of a result on this."


@router.get("/api/{kind:plural}/{ns:seg}/{name:seg}/leaderboard")
async def leaderboard(
    kind: Any, ns: str, name: str, request: Request, caller: Caller, hub: TheHub
) -> Response:
    """List the models with a result on a dataset, best first."""
    query = request.query_params
    options = {
        "task": query.get("task_id") or None,
        "originals": query.get("base_model", "true").lower() != "false",
        "parameters": _size(query.get("max_params")),
    }
    return Json(await hub.read(_standings, caller, kind, f"{ns}/{name}", hub.url, options))


def _standings(
    tx: ReadTx, actor: Actor, kind: Kind, full_name: str, base: str, options: dict[str, Any]
) -> list[dict[str, Any]]:
    repos.get_for(tx, actor, kind, full_name, Action.READ)
    found = search.leaderboard(tx, actor, full_name, **options) if kind is Kind.DATASET else []
    if not found:
        raise NoLeaderboard
    owners = accounts.owners_known(tx, [one.info.repo.owner_id for one in found])
    return [_shape(one, account(owners[one.info.repo.owner_id], base)) for one in found]


def _shape(one: Standing, author: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "rank": one.rank,
        "modelId": one.info.repo.full_name,
        "author": author,
        "value": one.value,
        "verified": False,
        "filename": one.filename,
    }
    if one.source:
        shown["source"] = {"isExternal": True, **one.source}
    if one.notes:
        shown["notes"] = one.notes
    if one.info.metadata.parameters:
        shown["num_parameters"] = one.info.metadata.parameters
    return shown


def _size(text: str | None) -> int | None:
    if not text:
        return None
    found = _SIZE.fullmatch(text.upper())
    if found is None:
        raise BadInput(field="max_params", reason="must be like 8B")
    return int(float(found[1]) * _UNITS[found[2]])
