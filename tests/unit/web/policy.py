"""What sanitised HTML must look like, checked by another parser than the one that made it."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

from hubkeep.web.markdown import math, sanitize
from hubkeep.web.markdown.links import BLOB, RESOLVE, TREE

ADDRESSES = ("href", "src", "poster")
ALWAYS = {
    "class",
    "rel",
    "type",
    "disabled",
    "aria-label",
    "loading",
    "decoding",
    "referrerpolicy",
    "controls",
    "preload",
}


FORMULA = math.ELEMENTS | {"math", "semantics", "annotation"}


def in_formula(name: str, value: str | None) -> bool:
    """Tell whether a formula may say that: words and numbers that size and place, never an address, class or style."""
    plain = all(char.isalnum() or char in " .%#+-()[]{}|/" for char in value or "") and "//" not in (
        value or ""
    )
    return name in math.ATTRIBUTES | {"display", "encoding"} and plain


class Policy(HTMLParser):
    """Collects every breach of the policy in a piece of HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.breaches: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag in FORMULA:
            self.breaches += [
                f"<{tag} {name}={value!r}>" for name, value in attrs if not in_formula(name, value)
            ]
            return
        if tag not in sanitize.TAGS:
            self.breaches.append(f"<{tag}>")
        allowed = sanitize.ATTRIBUTES["*"] | sanitize.ATTRIBUTES.get(tag, set()) | ALWAYS
        for name, value in attrs:
            if name not in allowed:
                self.breaches.append(f"<{tag} {name}>")
            if name in ADDRESSES and not safe_address(tag, value or ""):
                self.breaches.append(f"<{tag} {name}={value!r}>")
            if name in ("id", "name") and (value or "").lower().startswith("hk-"):
                self.breaches.append(f"<{tag} {name}={value!r}>")

    def handle_comment(self, data):
        self.breaches.append(f"<!--{data}-->")

    def handle_decl(self, decl):
        self.breaches.append(f"<!{decl}>")

    def handle_pi(self, data):
        self.breaches.append(f"<?{data}>")


def safe_address(tag: str, url: str) -> bool:
    if any(char <= " " or char in '\\"<>' for char in url):
        return False
    if url.startswith((BLOB, TREE, RESOLVE, "#")):
        return True
    if url.startswith("/"):
        return not url.startswith("//")
    scheme = urlsplit(url).scheme
    if scheme == "data":
        return (
            tag in ("img", "source", "video", "audio") and url.startswith("data:image/") and "svg" not in url
        )
    return scheme in ("http", "https") or (scheme == "mailto" and tag == "a")


def breaches(html: str) -> list[str]:
    """Return what is wrong with `html`; [] when it is safe."""
    policy = Policy()
    policy.feed(html)
    policy.close()
    return policy.breaches
