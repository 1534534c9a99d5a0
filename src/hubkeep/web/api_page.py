"""The JSON API, as a page: every call, what it does, and where its machine-readable description is."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hubkeep.accounts import Actor
from hubkeep.kit import ReadTx
from hubkeep.web.answer import Answer, Page
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import ask, read_page, respond

_METHODS = ("get", "head", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Call:
    """One call of the API; `about` is the first sentence of what is said of it."""

    method: str
    path: str
    about: str


async def endpoint(request: Request) -> Response:
    """Describe the application that this page is part of."""
    asked = ask(request)
    describe = getattr(request.app, "openapi", None)
    schema: Mapping[str, Any] = await asked.hub.compute(describe) if describe else {}
    view = partial(show, calls_of(schema))
    return respond(asked, *await asked.hub.read(read_page, asked.caller, asked, view))


def show(calls: list[Call], tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the calls, grouped by what they are about."""
    del tx, actor
    groups = [(name, list(found)) for name, found in groupby(calls, key=_group)]
    return Page("pages/api.html", {"groups": groups, "hub_url": asked.hub.url})


def calls_of(schema: Mapping[str, Any]) -> list[Call]:
    """Return the calls that an OpenAPI description names, in the order of their paths."""
    found = [
        Call(method.upper(), path, _first_sentence(str(call.get("description", ""))))
        for path, methods in schema.get("paths", {}).items()
        for method, call in methods.items()
        if method in _METHODS
    ]
    return sorted(found, key=lambda call: (_group(call), call.path, call.method))


def _first_sentence(text: str) -> str:
    return text.partition("\n")[0].partition(" Source: ")[0]


def _group(call: Call) -> str:
    """Return what the last fixed words of a path are about: `commit`, `tree`, `repos`."""
    words = [part for part in call.path.split("/") if part and part != "api" and not part.startswith("{")]
    return words[0] if words else "repositories"


routes = [Route("/docs", endpoint, methods=["GET"])]
