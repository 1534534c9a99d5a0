"""What people see, read as a program: a page of the hub without a browser, parsed from its HTML."""

import urllib.error
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {
    "area",
    "base",
    "br",
    "col",
    "embed",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "source",
    "track",
    "wbr",
    "use",
}


@dataclass
class Element:
    """An element and what is in it, in order: texts and elements."""

    tag: str
    attributes: dict[str, str]
    inside: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text, spaces squeezed."""
        parts = [one if isinstance(one, str) else one.text for one in self.inside]
        return " ".join("".join(parts).split())

    def all(self, tag: str, cls: str = "", **attributes: str) -> list["Element"]:
        """Return every such element inside, in the order of the page."""
        found = []
        for one in self.inside:
            if isinstance(one, Element):
                if one.tag == tag and one.has(cls, attributes):
                    found.append(one)
                found += one.all(tag, cls, **attributes)
        return found

    def one(self, tag: str, cls: str = "", **attributes: str) -> "Element":
        """Return the only such element."""
        found = self.all(tag, cls, **attributes)
        assert len(found) == 1, (tag, cls, attributes, [each.text for each in found])
        return found[0]

    def has(self, cls: str, attributes: dict[str, str]) -> bool:
        """Tell whether it has the class and the attributes."""
        classes = self.attributes.get("class", "").split()
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return (not cls or cls in classes) and wanted.items() <= self.attributes.items()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("document", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].inside.append(made)
        if tag not in _VOID:
            self._open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].inside.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self._open) - 1, 0, -1):
            if self._open[place].tag == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        self._open[-1].inside.append(data)


def parse(html: str) -> Element:
    """Return a page as elements."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


def page(url: str) -> Element:
    """Return a page as somebody sees it who is not signed in."""
    status, html = fetch(url)
    assert status == 200, (url, status, html[:500])
    return parse(html)


def fetch(url: str) -> tuple[int, str]:
    """Return the status and text of a page, as a browser gets it."""
    asked = urllib.request.Request(url, headers={"Accept": "text/html"})
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
