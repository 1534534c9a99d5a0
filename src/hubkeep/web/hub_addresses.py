"""Addresses that people know from the Hub, and that are elsewhere here: they lead on."""

from functools import partial

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hubkeep.web import urls
from hubkeep.web.local_path import local_path

FIXED = {
    "/new-model": "/new?kind=model",
    "/new-dataset": "/new?kind=dataset",
    "/new-space": "/new?kind=space",
    "/new-collection": "/collections/new",
    "/settings": "/settings/profile",
    "/settings/repositories": "/settings/storage",
    "/settings/connected-applications": "/settings/applications",
    "/search/full-text": "/search?in=cards",
}


async def _lead(there: str, request: Request) -> Response:
    query = request.url.query
    joined = f"{there}{'&' if '?' in there else '?'}{query}" if query else there
    return RedirectResponse(local_path(joined, there), 307)


async def _to_org(rest: str, request: Request) -> Response:
    return RedirectResponse(urls.owner_url(request.path_params["org"]) + rest, 307)


routes = [
    *(Route(path, partial(_lead, there), methods=["GET"]) for path, there in FIXED.items()),
    Route("/organizations/{org:seg}", partial(_to_org, ""), methods=["GET"]),
    Route("/organizations/{org:seg}/activity", partial(_to_org, "/activity"), methods=["GET"]),
]
