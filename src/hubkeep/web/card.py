"""The front page of a repository: its card, and what is known about it."""

from dataclasses import dataclass

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.kit import ReadTx
from hubkeep.repos import Snapshot
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import shows
from hubkeep.web.facts import facts_of, parameters
from hubkeep.web.head import head_of
from hubkeep.web.kept import Kept
from hubkeep.web.markdown import MAX_CHARS, Heading, Place, Rendered, render
from hubkeep.web.snippets import uses
from hubkeep.web.tags import chips

README = "README.md"
KEPT: Kept[Rendered] = Kept(32 << 20, lambda card: len(card.html))  # characters of HTML
CONTENTS_AT = 4  # a card with fewer headings needs no table of contents


@dataclass(frozen=True)
class Card:
    """A rendered card."""

    html: str
    headings: list[Heading]
    cut: bool


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show a repository's card at its default branch."""
    stores = asked.hub.stores
    with repos.snapshot(tx, actor, stores, asked.kind, asked.full_name, None, names_only=True) as at:
        head = head_of(asked, actor, at.repo, "card")
        info = repos.info_at(tx, stores, at, siblings=False, blobs=False)
        facts = {
            "head": head,
            "section": at.repo.kind,
            "info": info,
            "card": card_at(at, README, at.repo.default_branch),
            "chips": chips(at.repo.kind, info.metadata),
            "facts": facts_of(info),
            "parameters": parameters(info),
            "uses": uses(info, asked.hub.url),
            "last": at.reader.commit(at.oid),
        }
        return Page("pages/card.html", facts)


def card_at(at: Snapshot, path: str, revision: str) -> Card | None:
    """Return the rendered Markdown file at `path`, None when there is none."""
    entry = at.reader.entry(at.oid, path)
    if entry is None or entry.kind != "file" or at.reader.size(entry.oid) > 4 * MAX_CHARS:
        return None
    folder = path.rpartition("/")[0]
    found = KEPT.get((entry.oid, folder), lambda: render(_body(at, entry.oid), folder))
    place = Place(
        blob=urls.at_url(at.repo, "blob", revision) + "/",
        tree=urls.at_url(at.repo, "tree", revision) + "/",
        resolve=urls.at_url(at.repo, "resolve", at.oid) + "/",
    )
    headings = [heading for heading in found.headings if heading.level <= 3]
    return Card(place.complete(found.html), headings if len(headings) >= CONTENTS_AT else [], found.cut)


def _body(at: Snapshot, oid: str) -> str:
    return repos.body_of(at.reader.blob(oid).decode("utf-8", "replace"))


routes = [Route("/{kind:prefix}{ns:seg}/{name:seg}", shows(show), methods=["GET"])]
