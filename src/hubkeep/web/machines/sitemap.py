"""The map for search engines: an index of parts, each of a fixed range of numbers, so that parts never shift.

Everything is read as a stranger would: nothing private is on it. Source: the sitemaps protocol, 0.9.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import partial

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hubkeep import accounts, repos
from hubkeep.accounts import Actor
from hubkeep.hub import Hub
from hubkeep.kit import BadInput, ReadTx
from hubkeep.repos import Kind
from hubkeep.web import urls
from hubkeep.web.machines.door import STRANGER, answer
from hubkeep.web.words import machine_date

PART = 10_000  # numbers in one part; the protocol allows 50,000 addresses in a file
_ASKED = re.compile(r"(repos|owners)-(\d{1,9})")
_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
Place = tuple[str, datetime | None]


async def serve(request: Request) -> Response:
    """Send the index, or one part of the map. Raises BadInput for a part that cannot be."""
    hub: Hub = request.app.state.hub
    part = request.query_params.get("part", "")
    made = _part(part)
    body = await hub.read(made, STRANGER, hub.url)
    return await answer(request, body, "application/xml", public=True)


def _part(part: str) -> "partial[str]":
    if part == "":
        return partial(index)
    if part == "pages":
        return partial(pages)
    found = _ASKED.fullmatch(part)
    if found is None:
        raise BadInput(field="part", reason="must be pages, repos-N or owners-N")
    return partial(repositories if found[1] == "repos" else people, int(found[2]))


def index(tx: ReadTx, actor: Actor, hub_url: str) -> str:
    """Return the list of parts: a few lines for every ten thousand repositories ever made, and no look at any of them."""
    del actor
    parts = [
        "pages",
        *(f"repos-{number}" for number in range(repos.newest_number(tx) // PART + 1)),
        *(f"owners-{number}" for number in range(accounts.newest_owner(tx) // PART + 1)),
    ]
    rows = (
        Markup("<sitemap><loc>{}</loc></sitemap>\n").format(f"{hub_url}/sitemap.xml?part={part}")
        for part in parts
    )
    return f"{_HEAD}<sitemapindex {_NAMESPACE}>\n{''.join(rows)}</sitemapindex>\n"


def pages(tx: ReadTx, actor: Actor, hub_url: str) -> str:
    """Return the hub's own pages."""
    del tx, actor
    return _written(hub_url, [("/", None), *((f"/{kind.plural}", None) for kind in Kind), ("/docs", None)])


def repositories(number: int, tx: ReadTx, actor: Actor, hub_url: str) -> str:
    """Return the public repositories of one part."""
    del actor
    found = repos.public_between(tx, number * PART, (number + 1) * PART - 1)
    return _written(hub_url, ((urls.named_url(one.kind, one.full_name), one.last_modified) for one in found))


def people(number: int, tx: ReadTx, actor: Actor, hub_url: str) -> str:
    """Return the users and organizations of one part."""
    del actor
    found = accounts.owner_names_between(tx, number * PART, (number + 1) * PART - 1)
    return _written(hub_url, ((urls.owner_url(name), None) for name in found))


def _written(hub_url: str, places: Iterable[Place]) -> str:
    return f"{_HEAD}<urlset {_NAMESPACE}>\n{''.join(_row(hub_url, *place) for place in places)}</urlset>\n"


def _row(hub_url: str, path: str, changed: datetime | None) -> str:
    """Write one address; a path is quoted already, but for the ampersand and the apostrophe that XML minds."""
    address = (hub_url + path).replace("&", "&amp;").replace("'", "&#39;")
    when = f"<lastmod>{machine_date(changed)}</lastmod>" if changed else ""
    return f"<url><loc>{address}</loc>{when}</url>\n"


routes = [Route("/sitemap.xml", serve, methods=["GET"])]
