"""The page in which a diagram of a card is drawn: a frame without an origin, to which the card hands the diagram's text.

What draws diagrams writes styles into its pictures, which no other page of ours allows, and reads what strangers wrote. In
here it can neither see the hub's cookies nor ask for anything: the frame may run two scripts and load nothing else.
"""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from hubkeep.web.static import static_url

URL = "/-/diagram"
POLICY = (
    "default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; sandbox allow-scripts; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
)
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Diagram</title>
<meta name="robots" content="noindex">
<style>:root {{ color-scheme: light dark }} html, body {{ margin: 0; background: transparent; overflow: hidden }} svg {{ display: block; margin: 0 auto; max-width: 100%; height: auto }}</style>
<body>
<script src="{library}"></script>
<script src="{frame}"></script>
"""


async def show(request: Request) -> Response:
    """Show the frame, empty: the page around it says what to draw."""
    library, frame = (static_url(path) for path in ("bundle/mermaid.js", "page/diagram-frame.js"))
    hub = request.app.state.hub.url.rstrip("/")
    headers = {
        # Not 'self': a frame without an origin has no self in every browser.
        "Content-Security-Policy": POLICY.format(scripts=f"{hub}{library} {hub}{frame}"),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }
    return HTMLResponse(_PAGE.format(library=library, frame=frame), headers=headers)


routes = [Route(URL, show, methods=["GET"])]
