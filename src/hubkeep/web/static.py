"""Style sheets, scripts, icons and the font: read once, served under an address that changes when any of them does."""

import gzip
import hashlib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
    "txt": "text/plain; charset=utf-8",
}
_FOREVER = "public, max-age=31536000, immutable"


@cache
def assets() -> dict[str, bytes]:
    """Return every asset by path. Style sheets are joined into `hubkeep.css`, in the order of their names."""
    found = dict(sorted(_walk(files("hubkeep.web") / "assets", "")))
    sheets = [path for path in found if path.endswith(".css")]
    joined = b"\n".join(found.pop(path) for path in sheets)
    return {**found, "hubkeep.css": joined.replace(b"../font/", b"font/")}


@cache
def compressed(path: str) -> bytes:
    """Return an asset as gzip: a fifth of the style sheet."""
    return gzip.compress(assets()[path], mtime=0)


@cache
def version() -> str:
    """Return a name for this very set of assets."""
    digest = hashlib.sha256()
    for path, content in assets().items():
        digest.update(path.encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()[:12]


@cache
def scripts() -> list[str]:
    """Return the paths of the scripts of every page, one module per behaviour; none imports another.

    Single pages load others beside them: those in `page/`, and what `scripts/bundle-editor` put into `bundle/`.
    """
    return [path for path in assets() if path.startswith("js/")]


def static_url(path: str) -> str:
    """Return the address of an asset."""
    return f"/-/static/{version()}/{path}"


async def serve(request: Request) -> Response:
    """Send an asset; under an old version's address the present one, for a page that was open during an update."""
    path = request.path_params["path"]
    content = assets().get(path)
    if content is None:
        return PlainTextResponse("No such asset.", 404)
    current = request.path_params["version"] == version()
    headers = {
        "Cache-Control": _FOREVER if current else "no-cache",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Encoding",
    }
    ending = path.rpartition(".")[2]
    if ending != "woff2" and "gzip" in request.headers.get("accept-encoding", ""):
        content = compressed(path)
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type=_TYPES[ending], headers=headers)


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        path = f"{prefix}{entry.name}"
        found += _walk(entry, f"{path}/") if entry.is_dir() else [(path, entry.read_bytes())]
    return found


routes = [Route("/-/static/{version:seg}/{path:rest}", serve, methods=["GET"])]
