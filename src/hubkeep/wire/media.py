"""How a user's file may be shown: never as a page of the hub's own origin."""

import mimetypes
from urllib.parse import quote

# Shown by browsers as themselves; everything else that could carry script goes out as plain text or a download.
_SAFE = (
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
    "audio/",
    "video/",
    "application/pdf",
)
_TEXT = ("text/", "application/json", "application/xml", "application/javascript", "application/x-sh")


def media_headers(path: str, *, download: bool) -> dict[str, str]:
    """Return type, disposition and protection headers for a user's file.

    HTML, SVG and other active content is sandboxed: no script, no origin, no forms (design.md section 4).
    """
    name = path.rpartition("/")[2]
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if guessed.startswith(_TEXT) and guessed != "text/html":
        kind = "text/plain; charset=utf-8"
    elif guessed in ("text/html", "image/svg+xml") or guessed.startswith(_SAFE):
        kind = guessed
    else:
        kind = "application/octet-stream"
    way = "attachment" if download or kind == "application/octet-stream" else "inline"
    return {
        "Content-Type": kind,
        "Content-Disposition": f"{way}; filename=\"{_ascii(name)}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src 'self'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }


def _ascii(name: str) -> str:
    """Make a fallback for clients that do not read `filename*`: printable ASCII without quotes."""
    return "".join(char if " " <= char <= "~" and char not in '"\\%' else "_" for char in name)
