"""The description of the hub's own API: for programs that make clients, and for those that read."""

import re
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hubkeep.web.api_page import calls_of
from hubkeep.web.endpoint import ask
from hubkeep.web.machines.door import answer
from hubkeep.web.machines.markdown_text import code

_ABOUT = (
    "The JSON API of this hub. It answers as the Hugging Face Hub does, so that its clients work unchanged: set "
    "`HF_ENDPOINT`. Lists are paged by the `Link` header; refusals have `X-Error-Code` and `X-Error-Message`."
)
# Where a description names what a call is about: the first fixed word behind `/api`.
_KINDS = {"models", "datasets", "spaces", "kernels"}


async def as_json(request: Request) -> Response:
    """Send the description, OpenAPI 3.1."""
    made = await _described(request)
    return await answer(request, orjson.dumps(made), "application/json", public=True)


async def as_markdown(request: Request) -> Response:
    """Send one line a call."""
    made = await _described(request)
    url = made["servers"][0]["url"]
    lines = [f"- {code(f'{call.method} {call.path}')}: {call.about}" for call in calls_of(made)]
    text = (
        f"# API of {url}\n\n{_ABOUT}\n\nSend a token as {code('Authorization: Bearer hf_…')}.\n\n"
        + "\n".join(lines)
    )
    return await answer(request, text + "\n", "text/markdown; charset=utf-8", public=True)


async def _described(request: Request) -> dict[str, Any]:
    asked = ask(request)
    describe = getattr(request.app, "openapi", None)
    return await asked.hub.compute(lambda: described(describe() if describe else {}, asked.hub.url))


def described(schema: Mapping[str, Any], hub_url: str) -> dict[str, Any]:
    """Return FastAPI's description with what it cannot know: where the hub is, how to prove who one is, what is what."""
    paths = {path: _named(path, calls) for path, calls in schema.get("paths", {}).items()}
    components = dict(schema.get("components", {}))
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    return {
        **schema,
        "info": {**schema.get("info", {}), "description": _ABOUT},
        "servers": [{"url": hub_url}],
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": components,
    }


def _named(path: str, calls: Mapping[str, Any]) -> dict[str, Any]:
    """Give the calls of a path a tag, every name in the path its kind, and the repository's kind its four values."""
    named = {}
    for method, call in calls.items():
        parameters = [_exact(one) for one in call.get("parameters", [])]
        named[method] = {**call, "tags": [_tag(path)], **({"parameters": parameters} if parameters else {})}
    return named


def _exact(parameter: Mapping[str, Any]) -> dict[str, Any]:
    """Say what FastAPI was not told: names in a path are texts, and `kind` is one of four."""
    if parameter.get("in") != "path":
        return dict(parameter)
    schema: dict[str, Any] = {"type": "string"}
    if parameter["name"] == "kind":
        schema["enum"] = sorted(_KINDS)
    return {**parameter, "schema": {**parameter.get("schema", {}), **schema}}


def _tag(path: str) -> str:
    words = [part for part in path.split("/") if part and part != "api" and not part.startswith("{")]
    return re.sub(r"[^a-z0-9]+", " ", words[0].lower()).strip() if words else "repositories"


routes = [
    Route("/.well-known/openapi.json", as_json, methods=["GET"]),
    Route("/.well-known/openapi.md", as_markdown, methods=["GET"]),
]
