"""How a user's file may be shown: never as a page of the hub's own origin."""

import re
from functools import lru_cache
from mimetypes import MimeTypes
from urllib.parse import quote

_KNOWN = MimeTypes(filenames=())  # not what the machine's own list says: every node must answer alike
_MORE = {".webp": "image/webp", ".flac": "audio/flac", ".m4a": "audio/mp4", ".ogg": "audio/ogg"}

# Shown by browsers as themselves: nothing in them can run.
_MEDIA = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp", "audio/", "video/")
# Can run in a browser: shown in a sandbox without scripts, forms or an origin.
ACTIVE = ("text/html", "image/svg+xml")
_TEXT = frozenset(("application/json", "application/javascript", "application/x-sh", "application/xml"))
_TEXT_ENDING = re.compile(
    r"\.(?:cff|cfg|conf|env|git(?:attributes|ignore|keep|modules)|go|hfignore|ini|ipynb|java|jinja|jsonl|jsonlines|jsx|kt"
    r"|license|lock|log|lua|mdx?|ndjson|patch|pbtxt|php|proto|r|rb|rs|rst|scala|sql|swift|tex|toml|tsx?|ya?ml)"
)
_TEXT_NAME = re.compile("authors|changelog|copying|dockerfile|license|makefile|notice|readme|use_policy")

_SEALED = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src 'self'; sandbox"
_PDF = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'"  # browsers show no PDF in a sandbox


@lru_cache(maxsize=4096)
def media_headers(path: str, *, download: bool) -> dict[str, str]:
    """Return type, disposition and protection headers for a user's file. The dict is shared: do not change it.

    HTML, SVG and other active content is sandboxed: no script, no origin, no forms (docs/ARCHITECTURE.md).
    """
    name = path.rpartition("/")[2]
    kind = _kind(name)
    way = "attachment" if download or kind == "application/octet-stream" else "inline"
    return {
        "Content-Type": kind,
        "Content-Disposition": f"{way}; filename=\"{_ascii(name)}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": _PDF if kind == "application/pdf" else _SEALED,
        "X-Content-Type-Options": "nosniff",
    }


def _kind(name: str) -> str:
    """Return the media type by the name alone, so that HEAD and GET agree."""
    lower = name.lower()
    dot = lower.rfind(".")
    ending = lower[dot:] if dot >= 0 else ""
    guessed, packed = _KNOWN.guess_type(lower)
    kind = _MORE.get(ending) or guessed or ""
    if packed:
        return "application/octet-stream"
    if kind in ACTIVE or kind == "application/pdf" or kind.startswith(_MEDIA):
        return kind
    if (
        kind.startswith("text/")
        or kind in _TEXT
        or _TEXT_ENDING.fullmatch(ending)
        or _TEXT_NAME.fullmatch(lower)
    ):
        return "text/plain; charset=utf-8"
    return "application/octet-stream"


def _ascii(name: str) -> str:
    """Make a fallback for clients that do not read `filename*`: printable ASCII without quotes."""
    return "".join(char if " " <= char <= "~" and char not in '"\\%' else "_" for char in name)
