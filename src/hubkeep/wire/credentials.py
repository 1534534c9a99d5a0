"""Tokens that leaked: whoever finds one may end it."""

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from hubkeep import accounts
from hubkeep.accounts import Credentials
from hubkeep.wire.caller import TheHub, origin

router = APIRouter()


class Leaked(BaseModel):
    """Values of tokens, as they were found."""

    credentials: list[str]


@router.post("/api/credentials/revoke")
async def revoke(found: Leaked, request: Request, hub: TheHub) -> Response:
    """Revoke what is a token of this hub, and say the same whatever it is. Source: hub-platform contract 1.4.

    Nobody has to sign in: who has the value could use it.
    """
    finder = Credentials(origin=origin(request))
    await hub.write(accounts.revoke_leaked, finder, found.credentials)
    return Response(status_code=202)
