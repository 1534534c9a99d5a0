"""Search: by name over everything, or inside cards."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape
from starlette.routing import Route

from hubkeep import search
from hubkeep.accounts import Actor
from hubkeep.community import collections
from hubkeep.kit import BadInput, ReadTx
from hubkeep.repos import Info, Kind
from hubkeep.search import Extract
from hubkeep.web.answer import Answer, Page
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import shows
from hubkeep.web.urls import with_query

SHOWN = 6  # of every kind, by name
PAGE = 20  # cards
MAX_PAGE = 14  # the index looks at a few hundred cards


@dataclass(frozen=True)
class Hit:
    """A repository whose card has the words, and the piece of the card where they stand."""

    info: Info
    extract: Markup


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show what is called so; with `in=cards`, whose card says so."""
    text = asked.query.get("q", "").strip()[:200]
    in_cards = asked.query.get("in") == "cards"
    facts = {"text": text, "in_cards": in_cards, "by_name": with_query("/search", q=text)}
    facts |= {"by_card": with_query("/search", q=text, **{"in": "cards"})}
    if in_cards:
        return Page("pages/search_cards.html", facts | _cards(tx, actor, text, asked.query.get("p", "")))
    found = search.suggest(tx, actor, text, kinds=tuple(Kind), limit=SHOWN)
    facts |= {
        "groups": [
            (kind, some, _more(kind, text, some.count)) for kind, some in found.repos.items() if some.items
        ],
        "owners": [*found.orgs, *found.users],
        "collections": _collections(tx, actor, text),
        "counted": search.COUNTED,
    }
    return Page("pages/search.html", facts)


def _collections(tx: ReadTx, actor: Actor, text: str) -> Sequence[collections.Shown]:
    """Return those with the words in their title."""
    if not text:
        return []
    wanted = collections.Query(search=text, sort=collections.Sort.TRENDING, limit=SHOWN)
    return collections.list_collections(tx, actor, wanted).items


def _more(kind: Kind, text: str, count: int) -> str:
    return with_query(f"/{kind.plural}", search=text) if count > SHOWN else ""


def _cards(tx: ReadTx, actor: Actor, text: str, page: str) -> dict[str, object]:
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 4 else 0
    if number > MAX_PAGE:
        raise BadInput(field="p", reason=f"must be from 0 to {MAX_PAGE}")
    found = search.full_text(tx, actor, text, skip=number * PAGE, limit=PAGE)
    here = {"q": text, "in": "cards"}
    return {
        "hits": [Hit(hit.info, marked(hit.extract)) for hit in found.items],
        "total": found.total,
        "older": with_query("/search", **here, p=str(number + 1)) if found.more and number < MAX_PAGE else "",
        "newer": with_query("/search", **here, p=str(number - 1)) if number else "",
    }


def marked(extract: Extract) -> Markup:
    """Return an extract with its places highlighted; its text is a card's and is escaped piece by piece."""
    parts, at = [], 0
    for start, end in sorted(extract.marks):
        if start < at:
            continue
        parts += [escape(extract.text[at:start]), Markup("<mark>{}</mark>").format(extract.text[start:end])]
        at = end
    return Markup("").join([*parts, escape(extract.text[at:])])


routes = [Route("/search", shows(show), methods=["GET"])]
