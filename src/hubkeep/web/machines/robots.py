"""What robots need not read, and where the map is."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hubkeep.hub import Hub
from hubkeep.web.machines.door import answer

# Pages that are the same thing again, without end: old revisions, bytes, lists narrowed by every pair of tags.
_ROBOTS = """User-agent: *
Disallow: /api/
Disallow: /*/resolve/
Disallow: /*/raw/
Disallow: /*/blame/
Disallow: /*/commit/
Disallow: /*/commits/
Disallow: /*/compare/
Disallow: /*/edit/
Disallow: /*?*filter=
Disallow: /*?*after=
Disallow: /search
Disallow: /login
Disallow: /join
Disallow: /new
Disallow: /settings/
Disallow: /notifications
Allow: /api/models-tags-by-type
Allow: /.well-known/

Sitemap: {url}/sitemap.xml
"""


async def serve(request: Request) -> Response:
    """Tell robots."""
    hub: Hub = request.app.state.hub
    return await answer(request, _ROBOTS.format(url=hub.url), "text/plain; charset=utf-8", public=True)


routes = [Route("/robots.txt", serve, methods=["GET"])]
