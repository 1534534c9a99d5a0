"""Rivals on the same server and protocol: one receives and hashes a body and keeps nothing, one does nothing at all."""

import hashlib
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hubkeep.wire.receive import receive_blocks
from hubkeep.wire.server import PROTOCOL, tune_malloc


async def receive_and_hash(request: Request) -> Response:
    """Hash the body as it comes."""
    digest = hashlib.sha256()
    async for chunk in request.stream():
        digest.update(chunk)
    return Response(digest.hexdigest())


async def take_and_hash(request: Request) -> Response:
    """Hash the body as the hub takes it: off the socket, by a thread."""
    digest = hashlib.sha256()
    await receive_blocks(request, digest.update, 1 << 40)
    return Response(digest.hexdigest())


async def nothing(_: Request) -> Response:
    """Answer at once."""
    return Response()


app = Starlette(
    routes=[
        Route("/hash", receive_and_hash, methods=["PUT"]),
        Route("/take", take_and_hash, methods=["PUT"]),
        Route("/", nothing, methods=["GET", "HEAD"]),
    ]
)

if __name__ == "__main__":
    tune_malloc()
    uvicorn.run(
        app,
        port=int(sys.argv[1]),
        http=PROTOCOL,
        loop="uvloop",
        lifespan="off",
        access_log=False,
        log_level="warning",
    )
