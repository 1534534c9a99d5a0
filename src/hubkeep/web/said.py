"""What people say, as HTML: Markdown that can do nothing but be read, in which names and numbers are links."""

import hashlib
import re
from collections.abc import Iterator

from markupsafe import Markup

from hubkeep.community.notifications import Reference, Spoken, split
from hubkeep.repos import Repo
from hubkeep.web import urls
from hubkeep.web.kept import Kept
from hubkeep.web.markdown import Place, render

KEPT: Kept[str] = Kept(16 << 20, len)  # characters of HTML
# The sanitiser writes attributes between double quotes, and no `<` or `>` into text.
_TAG = re.compile(r'(<(?:[^>"]|"[^"]*")*>)')
_OURS = re.compile(r'( (?:id|name)="| href="#)')
_LOCAL = re.compile(r'( (?:href|src)=")/(?!/)')  # one of this hub's own pages
_QUIET = ("a", "code", "pre")  # nothing in these is linked


def said(raw: str, repo: Repo, spoken: Spoken, mark: str, base: str = "") -> Markup:
    """Return a comment as HTML. `mark` begins the ids inside it, so that those of two comments do not clash.

    The rendering of a text is kept; its links are made anew for whoever looks. They begin with `base` where what is said is read
    elsewhere than on this hub's pages.
    """
    if not raw.strip():
        return Markup("")
    key = hashlib.sha256(raw.encode("utf-8", "surrogatepass")).digest()
    html = KEPT.get(key, lambda: render(raw).html)
    here = Place(
        blob=base + urls.at_url(repo, "blob", repo.default_branch) + "/",
        tree=base + urls.at_url(repo, "tree", repo.default_branch) + "/",
        resolve=base + urls.at_url(repo, "resolve", repo.default_branch) + "/",
    )
    return Markup("".join(_linked(here.complete(html), spoken, mark, base)))  # noqa: S704  sanitised by `render`


def said_elsewhere(raw: str, repo: Repo, spoken: Spoken, mark: str, base: str) -> str:
    """Return a comment as the API tells it: as on its page, with whole addresses."""
    return str(said(raw, repo, spoken, mark, base))


def talk_url(repo: Repo, num: int) -> str:
    """Return the page of a discussion."""
    return f"{urls.repo_url(repo)}/discussions/{num}"


def _linked(html: str, spoken: Spoken, mark: str, base: str) -> Iterator[str]:
    quiet, broken = 0, False
    for number, piece in enumerate(_TAG.split(html)):
        if number % 2:  # a tag
            name = piece.strip("</>").split(" ", 1)[0].split("/", 1)[0]
            if name in _QUIET:
                quiet += -1 if piece.startswith("</") else 1
            broken = name == "br"
            marked = _OURS.sub(rf"\g<1>{mark}", piece)
            yield _LOCAL.sub(rf"\g<1>{base}/", marked) if base else marked
            continue
        # A line's end is shown as one; the one behind a <br> would be the second.
        text = piece.removeprefix("\n") if broken else piece
        broken = False
        yield text if quiet > 0 else "".join(_spoken(text, spoken, base))


def _spoken(text: str, spoken: Spoken, base: str) -> Iterator[str]:
    if "@" not in text and "#" not in text:
        yield text
        return
    for piece, what in split(text):
        link = _link(what, spoken)
        yield f'<a class="spoken" href="{base}{link}">{piece}</a>' if link else piece


def _link(what: str | Reference | None, spoken: Spoken) -> str:
    """Return where a name or number leads, "" when there is nobody and nothing of that name."""
    if isinstance(what, str):
        name = spoken.names.get(what.lower())
        return urls.owner_url(name) if name else ""
    found = spoken.talks.get(what) if what is not None else None
    return talk_url(found.repo, found.discussion.num) if found else ""
