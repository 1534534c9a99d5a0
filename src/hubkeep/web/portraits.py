"""Pictures of people and organizations on pages: the one they chose, else a shield with their letter.

Who is on a page is known when it is rendered: pictures are looked up then, all of a page in one query. The mark that stands for
one until then is made anew by every process: no text can contain it.
"""

import re
import secrets
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache

from markupsafe import Markup, escape

SHADES = 4
MAX_NAMES = 500  # of one page: who comes after that is drawn

Pictures = Callable[[Collection[str]], Mapping[str, str]]  # names to pictures, by lower-case name
_MARK = f"hk{secrets.token_hex(12)}p"
_MARKED = re.compile(_MARK + r"([a-z]*):([0-9a-f]*)/")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}")


def avatar(name: str, size: str = "") -> Markup:
    """Leave a mark where the picture of a user or organization goes; `size` is "" or "large"."""
    if not _NAME.fullmatch(name):
        return shield(name, size)
    return Markup(f"{_MARK}{size}:{name.encode().hex()}/")  # noqa: S704  letters and digits


def with_pictures(html: str, pictures: Pictures) -> str:
    """Return a page with a picture at every mark."""
    names = dict.fromkeys(bytes.fromhex(found).decode() for _, found in _MARKED.findall(html))
    chosen = pictures(list(names)[:MAX_NAMES]) if names else {}

    def shown(found: re.Match[str]) -> str:
        name = bytes.fromhex(found[2]).decode()
        picture = chosen.get(name.lower())
        return str(_portrait(picture, found[1]) if picture else shield(name, found[1]))

    return _MARKED.sub(shown, html)


def nobody_has_one(names: Collection[str]) -> Mapping[str, str]:
    """Return no pictures: where nobody can be asked for them."""
    del names
    return {}


@lru_cache(maxsize=512)
def shield(name: str, size: str = "") -> Markup:
    """Draw a shield: the first letter, in a colour that belongs to the name. Git's authors get no more: anybody may write theirs."""
    shade = sum(name.lower().encode()) % SHADES
    return Markup('<span class="avatar{} shade-{}" aria-hidden="true">{}</span>').format(
        _size(size), shade, name[:1]
    )


def _portrait(picture: str, size: str) -> Markup:
    return Markup(
        '<img class="avatar{}" src="/avatars/{}" alt="" width="64" height="64" loading="lazy">'
    ).format(_size(size), escape(picture))


def _size(size: str) -> str:
    return f" avatar-{size}" if size else ""
