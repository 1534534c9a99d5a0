"""What people say as HTML, for answers of the API: what the pages show, with whole addresses.

The doors are strangers to each other: whoever builds the house tells this one how pages render a comment.
"""

import html
import re
from collections.abc import Callable, Sequence

from hubkeep.community.discussions import Event
from hubkeep.community.notifications import Spoken
from hubkeep.repos import Repo

Render = Callable[
    [str, Repo, Spoken, str, str], str
]  # text, repository, what it speaks of, mark of ids, base URL
MOST = 1_000_000  # characters of one answer that are read as Markdown: two seconds of work, done once
EACH = 100  # characters that a text costs beside its own

_BLANK_LINES = re.compile(r"\n{2,}")


def plain_html(raw: str) -> str:
    """Return a text as HTML that shows it letter by letter."""
    parts = (html.escape(part).replace("\n", "<br>\n") for part in _BLANK_LINES.split(raw) if part.strip())
    return "\n".join(f"<p>{part}</p>" for part in parts)


class Renderer:
    """How comments become HTML: letter by letter, unless whoever builds the house knows better (`use`)."""

    def __init__(self) -> None:
        self._render: Render = lambda raw, *_: plain_html(raw)

    def use(self, render: Render) -> None:
        """Render Markdown with this function from now on; its output must be safe to show."""
        self._render = render

    def __call__(self, raw: str, repo: Repo, spoken: Spoken, mark: str, base: str) -> str:
        """Return a comment as HTML."""
        return self._render(raw, repo, spoken, mark, base)


renderer = Renderer()


class Speech:
    """The comments of one answer. Beyond `MOST` characters of them the rest is shown letter by letter."""

    def __init__(self, repo: Repo, base: str, spoken: Spoken | None = None) -> None:
        self._repo, self._base, self._spoken, self._left = repo, base, spoken or Spoken(), MOST

    def html(self, raw: str, mark: str) -> str:
        """Return a text as HTML; ids inside it begin with `mark`."""
        if not raw.strip():
            return ""
        self._left -= len(raw) + EACH
        if self._left < 0:
            return plain_html(raw)
        return renderer(raw, self._repo, self._spoken, mark, self._base)


def texts_of(events: Sequence[Event]) -> list[str]:
    """Return the newest texts of comments, as many as are read as Markdown."""
    found: list[str] = []
    left = MOST
    for event in events:
        if event.comment is None or not event.comment.raw:
            continue
        left -= len(event.comment.raw) + EACH
        if left < 0:
            break
        found.append(event.comment.raw)
    return found
