"""The history of a repository."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.git import Commit
from hubkeep.kit import BadInput, ReadTx
from hubkeep.repos import Stores
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import shows, shows_slowly
from hubkeep.web.head import head_of
from hubkeep.web.revision import revision_in, revision_of
from hubkeep.web.words import utc

PAGE = 50


@dataclass(frozen=True)
class Day:
    """The commits of one day."""

    name: str
    commits: list[Commit]


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show commits, newest first, `PAGE` at a time, grouped by day."""
    page = _page(asked.query.get("p", "0"))
    with repos.snapshot(
        tx, actor, asked.hub.stores, asked.kind, asked.full_name, asked.params.get("rev"), names_only=True
    ) as at:
        head = head_of(asked, actor, at.repo, "history")
        revision = revision_of(tx, at, asked)
        found = at.reader.log(at.oid, skip=page * PAGE, limit=PAGE + 1)
        here = urls.at_url(at.repo, "commits", revision.name)
        facts = {
            "head": head,
            "section": at.repo.kind,
            "revision": revision,
            "path": "",
            "days": _days(found[:PAGE]),
            "total": at.reader.count(at.oid),
            "older": urls.with_query(here, p=str(page + 1)) if len(found) > PAGE else "",
            "newer": urls.with_query(here, p=str(page - 1) if page > 1 else None) if page else "",
        }
        return Page("pages/commits.html", facts)


def show_path(stores: Stores, actor: Actor, asked: Asked) -> Answer:
    """Show the commits that changed one file or folder."""
    page, path = _page(asked.query.get("p", "0")), asked.params["path"].strip("/")
    revision = asked.params["rev"]
    found = repos.file_history(
        stores, actor, asked.kind, asked.full_name, revision, path, skip=page * PAGE, limit=PAGE
    )
    here = urls.at_url(found.repo, "commits", revision, path)
    facts = {
        "head": head_of(asked, actor, found.repo, "history"),
        "section": found.repo.kind,
        "revision": revision_in(stores, found.repo, found.oid, asked),
        "path": path,
        "days": _days(found.commits),
        "total": 0,
        "older": urls.with_query(here, p=str(page + 1)) if found.more else "",
        "newer": urls.with_query(here, p=str(page - 1) if page > 1 else None) if page else "",
    }
    return Page("pages/commits.html", facts)


def _page(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise BadInput(field="p", reason="must be a whole number from 0")
    return int(text)


def _days(commits: Sequence[Commit]) -> list[Day]:
    days: list[Day] = []
    for commit in commits:
        name = f"{utc(commit.date):%A}, {utc(commit.date).day} {utc(commit.date):%B %Y}"
        if not days or days[-1].name != name:
            days.append(Day(name, []))
        days[-1].commits.append(commit)
    return days


_COMMITS = "/{kind:prefix}{ns:seg}/{name:seg}/commits"
routes = [
    Route(_COMMITS + "/{rev:rev}", shows(show), methods=["GET"]),
    Route(_COMMITS + "/{rev:rev}/{path:rest}", shows_slowly(show_path), methods=["GET"]),
]
