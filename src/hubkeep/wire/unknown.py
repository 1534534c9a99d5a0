"""Addresses that lead nowhere, told so that clients understand: names of one segment, and calls this hub does not know.

Source: hub-core contract 2.5 and trap 30: a bare 404 on `resolve` looks like a network outage to the client, and
`from_pretrained("gpt2")` asks for a repository without an owner, of which a hub of one's own has none.
"""

from typing import Any

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Action
from hubkeep.hub import Hub
from hubkeep.kit import NotBuiltYet
from hubkeep.wire import not_served
from hubkeep.wire.caller import Caller, TheHub, credentials

router = APIRouter()
METHODS = [
    "GET",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
]  # HEAD is a GET without a body wherever nobody says otherwise


@router.api_route("/api/{kind:plural}/{rest:rest}", methods=METHODS, include_in_schema=False)
async def unknown_call(kind: Any, rest: str, caller: Caller, hub: TheHub) -> Response:
    """Refuse: the repository is missing (or private), or it is there and has no such call."""
    owner, _, name = "/".join(rest.split("/")[:2]).partition("/")
    await hub.read(repos.get_for, caller, kind, f"{owner}/{name}", Action.READ)
    if feature := not_served.of_repo(kind, rest):
        raise NotBuiltYet(feature=feature)
    raise HTTPException(404)


async def no_owner(request: Request) -> Response:
    """Refuse a name of one segment as a missing repository."""
    hub: Hub = request.app.state.hub
    name = request.path_params["name"]
    await hub.read(repos.get_for, credentials(request), request.path_params["kind"], f"{name}/", Action.READ)
    raise AssertionError("unreachable: no repository has an empty name")


routes = [Route("/{kind:prefix}{name:seg}/resolve/{rev:rev}/{path:rest}", no_owner, methods=["GET", "HEAD"])]
