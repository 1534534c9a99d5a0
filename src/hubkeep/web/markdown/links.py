"""Where the links of a card lead.

A card is rendered once, whoever shows it, so links into its repository are written with a mark that `Place` replaces by
the address of the repository and revision at hand. The mark is made anew by every process: a card cannot contain it.
"""

import posixpath
import re
import secrets
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

_MARK = f"hk{secrets.token_hex(12)}"
BLOB, TREE, RESOLVE = f"{_MARK}b/", f"{_MARK}t/", f"{_MARK}r/"

_LINK_SCHEMES = ("http", "https", "mailto")
_IGNORED = re.compile(
    r"[\x00-\x20\x7f]+"
)  # browsers drop them from addresses: `java\tscript:` is a scheme to them
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_DATA_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp|avif);base64,[A-Za-z0-9+/=]*")
MAX_DATA_IMAGE = 64 << 10
_SAFE = "/~!$&()*+,;=:@-._"


@dataclass(frozen=True)
class Place:
    """A repository and revision: what the marked links of a card are completed with. URLs, quoted, ending in a slash."""

    blob: str
    tree: str
    resolve: str

    def complete(self, html: str) -> str:
        """Return the card's HTML with real addresses."""
        return html.replace(BLOB, self.blob).replace(TREE, self.tree).replace(RESOLVE, self.resolve)


def link_target(url: str, folder: str) -> str | None:
    """Return a safe address for a link of a card in `folder`, None when the link must not be one."""
    found = _outside(url)
    if found is not None:
        return found if urlsplit(found).scheme in (*_LINK_SCHEMES, "") else None
    if _SCHEME.match(_IGNORED.sub("", url)):
        return None
    if url.lstrip().startswith("#"):
        return quote(url.strip(), safe=_SAFE + "#?%")
    path, tail = _split(url)
    inside = _inside(path, folder)
    return (TREE if path.endswith("/") or not inside else BLOB) + inside + tail


def media_target(url: str, folder: str) -> str | None:
    """Return a safe address for an image, sound or film of a card in `folder`, None when it must not be loaded."""
    found = _outside(url)
    if found is not None:
        return found if urlsplit(found).scheme in ("http", "https", "") else None
    bare = _IGNORED.sub("", url)
    if _SCHEME.match(bare):
        return bare if len(bare) <= MAX_DATA_IMAGE and _DATA_IMAGE.fullmatch(bare) else None
    path, tail = _split(url)
    inside = _inside(path, folder)
    return RESOLVE + inside + tail if inside else None


def _outside(url: str) -> str | None:
    """Return a whole address, or one of this hub's own pages (`/owner/name`), in a form that browsers read as we do."""
    bare = _IGNORED.sub("", url)
    if bare.startswith(("//", "\\\\", "/\\", "\\/")):
        bare = "https://" + bare[2:]
    if bare.startswith("/"):
        path, hash_, fragment = bare.partition("#")
        path, mark, query = path.partition("?")
        return quote(path, safe=_SAFE + "%") + _tail(mark, query) + _tail(hash_, fragment)
    scheme = _SCHEME.match(bare)
    if scheme is None or scheme.group().lower() not in ("http:", "https:", "mailto:"):
        return None
    try:
        urlsplit(bare)
    except ValueError:
        return None
    return quote(bare, safe=_SAFE + "%#?[]")


def _split(url: str) -> tuple[str, str]:
    """Split a relative address into its path, decoded, and what follows it, quoted."""
    text = url.strip()
    text, hash_, fragment = text.partition("#")
    path, mark, query = text.partition("?")
    return unquote(path), _tail(mark, query) + _tail(hash_, fragment)


def _tail(sign: str, text: str) -> str:
    return sign + quote(text, safe=_SAFE + "%?") if text else ""


def _inside(path: str, folder: str) -> str:
    """Return where a relative path leads to within the repository; it never leads out of it."""
    joined = posixpath.normpath(posixpath.join("/", folder, path.lstrip("/")))
    return quote(joined.strip("/"), safe=_SAFE)
