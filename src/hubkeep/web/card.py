"""The front page of a repository: its card, and what is known about it."""

from dataclasses import dataclass

from starlette.routing import Route

from hubkeep import repos, search
from hubkeep.accounts import Actor
from hubkeep.community import pulls
from hubkeep.kit import ReadTx
from hubkeep.repos import Info, Kind, Snapshot
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page
from hubkeep.web.asked import Asked
from hubkeep.web.charts import sparkline
from hubkeep.web.citation import citation
from hubkeep.web.endpoint import shows
from hubkeep.web.facts import chat_template, facts_of, parameters, weights_of
from hubkeep.web.gate import gateway
from hubkeep.web.head import head_of
from hubkeep.web.kept import Kept
from hubkeep.web.lineage import tree_of
from hubkeep.web.markdown import MAX_CHARS, Heading, Place, Rendered, render
from hubkeep.web.results import benchmarks, board
from hubkeep.web.snippets import apps, uses
from hubkeep.web.tags import chips

README = "README.md"
KEPT: Kept[Rendered] = Kept(32 << 20, lambda card: len(card.html))  # characters of HTML
BEST = 10  # models of a leaderboard
SOME = 300  # files looked at for the code that names one
_POINTER = b"version https://git-lfs.github.com/spec/v1"
CONTENTS_AT = 4  # a card with fewer headings needs no table of contents


@dataclass(frozen=True)
class Card:
    """A rendered card."""

    html: str
    headings: list[Heading]
    cut: bool
    diagrams: bool = False
    unread: bool = False  # there is one, but it is too long to show, or kept as a large file


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show a repository's card at its default branch."""
    stores = asked.hub.stores
    with repos.snapshot(tx, actor, stores, asked.kind, asked.full_name, None, names_only=True) as at:
        head = head_of(asked, actor, at.repo, "card")
        info = repos.info_at(tx, stores, at, siblings=False, blobs=False)
        some = at.reader.walk(at.oid, "", recursive=True, after=None, limit=SOME)
        paths = [entry.path for entry in some if entry.kind == "file"]
        facts = {
            "head": head,
            "section": at.repo.kind,
            "info": info,
            "card": card_at(at, README, at.repo.default_branch),
            "gateway": gateway(tx, actor, info),
            "may_change": repos.may_read_content(tx, actor, at.repo),
            "hides": "not-for-all-audiences" in info.metadata.tags,
            "chips": chips(at.repo.kind, info.metadata),
            "facts": facts_of(info),
            "uses": uses(info, asked.hub.url, paths),
            "apps": apps(info, asked.hub.url, paths) if at.repo.kind is Kind.MODEL else [],
            "citation": citation(info, asked.hub.url),
            "last": at.reader.commit(at.oid),
        }
        return Page("pages/card.html", facts | _weights(tx, info) | _around(tx, actor, info))


def _weights(tx: ReadTx, info: Info) -> dict[str, object]:
    proposed = pulls.results_of_pulls(tx, info.repo.id) if info.repo.kind is Kind.MODEL else []
    told = [*info.metadata.eval_results, *proposed]
    results = repos.evaluations(info.metadata.card_data, told)
    return {
        "parameters": parameters(info),
        "weights": weights_of(info),
        "chat_template": chat_template(info),
        "benchmarks": benchmarks(results, urls.repo_url(info.repo)),
    }


def _around(tx: ReadTx, actor: Actor, info: Info) -> dict[str, object]:
    """Return what the rest of the hub tells: downloads by day, models above and below, Spaces that use it."""
    repo = info.repo
    linked = search.linked(tx, actor, repo.kind, repo.full_name)
    is_model = repo.kind is Kind.MODEL
    bases, above = repos.ancestors(tx, actor, info) if is_model else ([], [])
    by_day = search.downloads_by_day(tx, repo.id) if repo.downloads else []
    return {
        "linked": linked,
        "board": board(search.leaderboard(tx, actor, repo.full_name, originals=False)[:BEST])
        if repo.kind is Kind.DATASET and linked.evaluated
        else [],
        "tree": tree_of(repo, bases, above, linked.children) if is_model else None,
        "newest": repos.new_version(tx, actor, info) if is_model else None,
        "spark": sparkline(by_day, "Downloads") if any(by_day) else "",
    }


def card_at(at: Snapshot, path: str, revision: str) -> Card | None:
    """Return the rendered Markdown file at `path`, None when there is none."""
    entry = at.reader.entry(at.oid, path)
    if entry is None or entry.kind != "file":
        return None
    if at.reader.size(entry.oid) > 4 * MAX_CHARS or at.reader.blob(entry.oid)[:60].startswith(_POINTER):
        return Card("", [], cut=False, unread=True)
    folder = path.rpartition("/")[0]
    found = KEPT.get((entry.oid, folder), lambda: render(_body(at, entry.oid), folder))
    place = place_of(at, revision)
    headings = [heading for heading in found.headings if heading.level <= 3]
    shown = headings if len(headings) >= CONTENTS_AT else []
    return Card(place.complete(found.html), shown, found.cut, found.diagrams)


def place_of(at: Snapshot, revision: str) -> Place:
    """Return where links of a text at that revision lead."""
    return Place(
        blob=urls.at_url(at.repo, "blob", revision) + "/",
        tree=urls.at_url(at.repo, "tree", revision) + "/",
        resolve=urls.at_url(at.repo, "resolve", at.oid) + "/",
    )


def _body(at: Snapshot, oid: str) -> str:
    return repos.body_of(at.reader.blob(oid).decode("utf-8", "replace"))


routes = [Route("/{kind:prefix}{ns:seg}/{name:seg}", shows(show), methods=["GET"])]
