"""Routing on the path as it was sent: `%2F` inside a revision is not a slash between segments.

Source: hub-core contract 2.2 and trap 29.
"""

from typing import Any
from urllib.parse import unquote

from starlette.convertors import Convertor, register_url_convertor
from starlette.types import ASGIApp, Receive, Scope, Send

from hubkeep.repos import Kind
from hubkeep.wire.errors import refusal


class RawPath:
    """Gives the router the undecoded path; the convertors below decode each part. Refuses what is not UTF-8."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Swap the path, or answer 400."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        try:
            raw = scope["raw_path"].decode("ascii")
            decoded = unquote(raw, errors="strict")
        except UnicodeDecodeError:
            return await refusal(400, "The path is not valid UTF-8.")(scope, receive, send)
        if "\0" in decoded:
            return await refusal(400, "The path contains a null character.")(scope, receive, send)
        return await self._app({**scope, "path": raw}, receive, send)


class _Text(Convertor[str]):
    def convert(self, value: str) -> str:
        return unquote(value)

    def to_string(self, value: str) -> str:
        return value


class _Segment(_Text):
    """One segment. `api` is never an owner: a call that the API does not know is its own 404 or 405, not somebody's page.

    Nor are the kinds: `/datasets/ada/likers` is a dataset, not the page of whoever likes a model of an owner `datasets`.
    """

    regex = "(?!(?<=^/)(?:api|models|datasets|spaces|kernels)/)[^/]+"


class _Revision(_Text):
    """A revision; one that starts with `refs/` may span segments."""

    regex = "(?:refs/(?:pr|convert|heads|tags)/[^/]+|[^/]+)"


class _Rest(_Text):
    """The rest of the path, with real slashes or `%2F`."""

    regex = ".*"


class _Plural(Convertor[Kind]):
    """`models`, `datasets`, `spaces`, `kernels`."""

    regex = "models|datasets|spaces|kernels"

    def convert(self, value: str) -> Kind:
        return Kind(value[:-1])

    def to_string(self, value: Any) -> str:
        return Kind(value).plural


class _Prefix(Convertor[Kind]):
    """What stands before `owner/name` outside the API: nothing, `models/`, `datasets/`, `spaces/`, `kernels/`."""

    regex = "(?:(?:models|datasets|spaces|kernels)/)?"

    def convert(self, value: str) -> Kind:
        return Kind(value[:-2]) if value else Kind.MODEL

    def to_string(self, value: Any) -> str:
        return Kind(value).prefix


def register() -> None:
    """Make `{x:seg}`, `{x:rev}`, `{x:rest}`, `{x:plural}` and `{x:prefix}` known to the router."""
    register_url_convertor("seg", _Segment())
    register_url_convertor("rev", _Revision())
    register_url_convertor("rest", _Rest())
    register_url_convertor("plural", _Plural())
    register_url_convertor("prefix", _Prefix())


register()
