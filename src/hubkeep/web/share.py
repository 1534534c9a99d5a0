"""What a page says to other sites and to programs: a title and a picture for links, its one address, its other forms."""

import html
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from hubkeep.accounts import OwnerKind
from hubkeep.kit import wire_date
from hubkeep.repos import Info, Kind
from hubkeep.web import urls, ways
from hubkeep.web.answer import Page
from hubkeep.web.asked import Asked
from hubkeep.web.head import Head
from hubkeep.web.narrowed import Narrowed

ATOM, MARKDOWN = "application/atom+xml", "text/markdown"
MOTTO = "A hub of models, datasets and Spaces that speaks the language of the clients you have."
MAX_WORDS = 200  # characters of a description
_PARAGRAPH = re.compile(r"<p>(.{1,5000}?)</p>", re.DOTALL)
_MARKUP = re.compile(r"<[^>]{0,2000}>")
_NOUNS = {Kind.MODEL: "model", Kind.DATASET: "dataset", Kind.SPACE: "Space", Kind.KERNEL: "kernel"}


@dataclass(frozen=True)
class Other:
    """Another form of a page."""

    media_type: str
    title: str
    path: str


@dataclass(frozen=True)
class Share:
    """`path` is the page's one address; `data` describes what it is about, by schema.org, as JSON."""

    title: str
    description: str
    path: str
    picture: str
    kind: str = "website"
    others: Sequence[Other] = ()
    data: Markup | None = None


def share_of(page: Page, asked: Asked) -> Share | None:
    """Return what a page says; None for refusals, forms, and whatever is not for everybody."""
    make = _MAKERS.get(page.template)
    head = page.facts.get("head")
    if make is None or page.status != 200 or (isinstance(head, Head) and head.repo.private):
        return None
    return make(page.facts, asked)


def _hub(facts: Mapping[str, Any], asked: Asked) -> Share:
    del facts, asked
    others = [Other(ATOM, "Newest models", "/feeds/models.atom")]
    return Share("hubkeep", MOTTO, "/", ways.HUB_POSTER, others=others)


def _list(facts: Mapping[str, Any], asked: Asked) -> Share:
    del asked
    narrowed: Narrowed = facts["narrowed"]
    words = [narrowed.search, narrowed.author, narrowed.task, *narrowed.tags]
    title = " · ".join([f"{_capital(narrowed.kind)}s", *(word for word in words if word)])
    others = [Other(ATOM, title, ways.list_feed(narrowed))]
    return Share(title, MOTTO, narrowed.url(), ways.HUB_POSTER, others=others)


def _everybody(facts: Mapping[str, Any], asked: Asked) -> Share:
    del asked
    word = "Organizations" if facts["kind"] is OwnerKind.ORG else "People"
    return Share(word, f"{word} of this hub, and how much they share.", facts["here"], ways.HUB_POSTER)


def _collections(facts: Mapping[str, Any], asked: Asked) -> Share:
    del facts, asked
    about = "Models, datasets and Spaces that belong together, put together by people of this hub."
    return Share("Collections", about, "/collections", ways.HUB_POSTER)


def _owner(facts: Mapping[str, Any], asked: Asked) -> Share:
    del asked
    owner = facts["profile"].owner
    name = owner.fullname or owner.name
    others = [Other(ATOM, f"What {name} does", ways.activity_feed(owner.name))]
    about = f"Models, datasets and Spaces by {name}."
    return Share(name, about, urls.owner_url(owner.name), ways.owner_poster(owner.name), "profile", others)


def _card(facts: Mapping[str, Any], asked: Asked) -> Share:
    head: Head = facts["head"]
    info: Info = facts["info"]
    rendered = None if facts.get("hides") else facts["card"]
    about = (first_words(rendered.html) if rendered else "") or _in_a_sentence(info)
    data = _data(info, about, asked.hub.url) if head.repo.kind is Kind.DATASET else None
    return _repo(head, head.repo.full_name, about, head.url, data)


def _file(facts: Mapping[str, Any], asked: Asked) -> Share | None:
    del asked
    head: Head = facts["head"]
    if facts["revision"].fixed:
        return None
    name, path = facts["name"], urls.at_url(head.repo, "blob", facts["revision"].name, facts["path"])
    return _repo(head, f"{name} · {head.repo.full_name}", f"{facts['path']} of the {_noun(head)}", path)


def _tab(word: str, facts: Mapping[str, Any], asked: Asked) -> Share:
    head: Head = facts["head"]
    return _repo(head, f"{word} · {head.repo.full_name}", f"{word} of the {_noun(head)}", asked.path)


def _repo(head: Head, title: str, about: str, path: str, data: Markup | None = None) -> Share:
    repo = head.repo
    others = [
        Other(MARKDOWN, "This page as Markdown", ways.twin(repo.kind, repo.full_name)),
        Other(ATOM, "Commits", ways.commits_feed(repo.kind, repo.full_name)),
        Other(ATOM, "Discussions", ways.discussions_feed(repo.kind, repo.full_name)),
    ]
    return Share(title, about, path, ways.repo_poster(repo.kind, repo.full_name), "article", others, data)


@lru_cache(maxsize=2000)
def first_words(rendered: str) -> str:
    """Return the first paragraph of a rendered card that is a sentence, as plain text."""
    for paragraph in _PARAGRAPH.finditer(rendered[:100_000]):
        text = " ".join(html.unescape(_MARKUP.sub(" ", paragraph[1])).split())
        if len(text) >= 30:
            return text if len(text) <= MAX_WORDS else text[: MAX_WORDS - 1].rsplit(" ", 1)[0] + "…"
    return ""


def _in_a_sentence(info: Info) -> str:
    metadata, repo = info.metadata, info.repo
    task = f" for {metadata.pipeline_tag}" if metadata.pipeline_tag else ""
    made = f", made with {metadata.library_name}" if metadata.library_name else ""
    return f"A {_NOUNS[repo.kind]}{task} by {repo.owner}{made}."


def _data(info: Info, about: str, hub_url: str) -> Markup:
    """Describe a dataset by schema.org. It stands in a `script` element, which only `</` could end: no `<` gets in."""
    repo, tags = info.repo, info.metadata.tags
    license_ = next((tag.partition(":")[2] for tag in tags if tag.startswith("license:")), None)
    page = hub_url + urls.repo_url(repo)
    said = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": repo.full_name,
        "description": about,
        "url": page,
        "identifier": repo.full_name,
        "creator": {"@type": "Thing", "name": repo.owner, "url": hub_url + urls.owner_url(repo.owner)},
        "keywords": [tag for tag in tags if not tag.startswith("region:")][:50],
        "license": license_,
        "dateCreated": wire_date(repo.created_at),
        "dateModified": wire_date(repo.last_modified),
        "isAccessibleForFree": not repo.gated,
        "includedInDataCatalog": {"@type": "DataCatalog", "name": "hubkeep", "url": hub_url},
    }
    text = json.dumps({key: value for key, value in said.items() if value not in (None, [], "")})
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704  just made harmless


def _noun(head: Head) -> str:
    return f"{_NOUNS[head.repo.kind]} {head.repo.full_name}"


def _capital(kind: Kind) -> str:
    return kind.value.capitalize()


_MAKERS: dict[str, Callable[[Mapping[str, Any], Asked], Share | None]] = {
    "pages/home.html": _hub,
    "pages/list.html": _list,
    "pages/owners.html": _everybody,
    "pages/collections.html": _collections,
    "pages/profile.html": _owner,
    "pages/card.html": _card,
    "pages/file.html": _file,
    "pages/folder.html": lambda facts, asked: _tab("Files", facts, asked),
    "pages/commits.html": lambda facts, asked: _tab("Commits", facts, asked),
    "pages/discussions.html": lambda facts, asked: _tab("Discussions", facts, asked),
}
