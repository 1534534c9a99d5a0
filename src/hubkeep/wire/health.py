"""Is the process up, and can it do its work?"""

import logging

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from hubkeep.accounts import BadCredentials, Credentials, authenticate
from hubkeep.hub import Hub
from hubkeep.repos import Stores
from hubkeep.wire.errors import refusal

log = logging.getLogger(__name__)


async def healthz(request: Request) -> Response:
    """Answer 200: the process is up and its loop turns."""
    del request
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """Answer 200 when the database and the blob store answer too, else 503 and a sentence that names the silent one."""
    hub: Hub = request.app.state.hub
    silent = await hub.compute(_silent, hub.stores)
    if silent:
        return refusal(503, f"Not ready: {' and '.join(silent)} cannot be reached.")
    return PlainTextResponse("ready\n")


def _silent(stores: Stores) -> list[str]:
    checks = (("the database", _ask_database), ("the blob store", _ask_blobs))
    found = []
    for name, ask in checks:
        try:
            ask(stores)
        except Exception:  # whatever goes wrong down there means "not ready"
            log.exception("not ready: %s", name)
            found.append(name)
    return found


def _ask_database(stores: Stores) -> None:
    """Ask who an impossible token is: one indexed look-up, and the schema must be there."""
    with stores.db.read() as tx:
        try:
            authenticate(tx, Credentials("token", "-"))
        except BadCredentials:
            return


def _ask_blobs(stores: Stores) -> None:
    stores.blobs.check()


routes = [
    Route("/healthz", healthz, methods=["GET"], include_in_schema=False),
    Route("/readyz", readyz, methods=["GET"], include_in_schema=False),
]
