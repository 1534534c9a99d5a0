"""Pictures of users and organizations: the shield with the first letter that pages show, as an address of its own."""

import re
from functools import lru_cache

from markupsafe import escape
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hubkeep.web.machines.door import answer
from hubkeep.web.portraits import SHADES

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,96}")
# Colours of the design tokens, light and dark, in the order of the shades: accent, copper, heather, slate.
_COLOURS = (("#0a655b", "#66d3c0"), ("#9c4117", "#f2a077"), ("#67458f", "#c8aceb"), ("#2f5884", "#93bbe8"))
_PAPER = ("#f5f3ee", "#111615")
_SHIELD = "M8 4h48v34L32 60 8 38z"


async def serve(request: Request) -> Response:
    """Draw the picture. A name is all it takes, so it does not tell whether there is anybody of that name."""
    name = request.path_params["name"]
    if not _NAME.fullmatch(name):
        raise HTTPException(404)
    return await answer(request, draw(name), "image/svg+xml", public=True)


@lru_cache(maxsize=1000)
def draw(name: str) -> str:
    """Return the picture as SVG: 64 units square, light or dark as the viewer prefers."""
    assert len(_COLOURS) == SHADES
    light, dark = _COLOURS[sum(name.lower().encode()) % SHADES]
    style = (
        f".s{{fill:{light}}}.l{{fill:{_PAPER[0]};font:700 26px ui-sans-serif,system-ui,sans-serif}}"
        f"@media(prefers-color-scheme:dark){{.s{{fill:{dark}}}.l{{fill:{_PAPER[1]}}}}}"
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="256" height="256" role="img">'
        f"<title>{escape(name)}</title><style>{style}</style>"
        f'<path class="s" d="{_SHIELD}"/>'
        f'<text class="l" x="32" y="35" text-anchor="middle">{escape(name[0].upper())}</text></svg>'
    )


routes = [Route("/avatars/{name:seg}.svg", serve, methods=["GET"])]
