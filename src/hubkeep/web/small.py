"""Small addresses that browsers ask for."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hubkeep.web.local_path import local_path
from hubkeep.web.static import static_url


async def favicon(request: Request) -> Response:
    """Send the icon to what does not read the page's own link."""
    del request
    return RedirectResponse(static_url("icon.svg"), 302)


async def without_slash(request: Request) -> Response:
    """Lead an address that ends in a slash to the page without it."""
    path, query = str(request.scope["path"]).strip("/"), request.url.query
    return RedirectResponse(local_path(f"/{path}?{query}" if query else f"/{path}"), 308)


routes = [Route("/favicon.ico", favicon, methods=["GET"])]
last_routes = [Route("/{path:rest}/", without_slash, methods=["GET"])]
