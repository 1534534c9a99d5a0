"""What is in a folder of a repository, at a revision."""

from dataclasses import dataclass

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.git import Commit, Entry
from hubkeep.kit import ReadTx
from hubkeep.repos import File, Snapshot
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.card import README, card_at
from hubkeep.web.endpoint import shows
from hubkeep.web.head import Head, head_of
from hubkeep.web.revision import Revision, not_there, revision_of

PAGE = 100  # entries: each costs a look at the history that touched it


@dataclass(frozen=True)
class Row:
    """An entry to show: its name, its page, its file, and the commit that last touched it."""

    name: str
    url: str
    file: File
    commit: Commit | None


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show a folder, `PAGE` entries at a time, folders first when all fit on one page."""
    stores, path = asked.hub.stores, asked.params.get("path", "").strip("/")
    with repos.snapshot(
        tx, actor, stores, asked.kind, asked.full_name, asked.params["rev"], names_only=True
    ) as at:
        head = head_of(asked, actor, at.repo, "files")
        revision = revision_of(tx, at, asked)
        entry = at.reader.entry(at.oid, path) if path else None
        if entry is not None and entry.kind == "file":
            return Redirect(urls.at_url(at.repo, "blob", revision.name, path), 302)
        if path and (entry is None or entry.kind != "directory"):
            return not_there(at, revision, path, asked)
        after = asked.query.get("after")
        may_read = repos.may_read_content(tx, actor, at.repo)
        found = at.reader.walk(at.oid, path, recursive=False, after=after, limit=PAGE + 1)
        rows = _rows(tx, at, revision, found[:PAGE])
        whole = after is None and len(found) <= PAGE
        facts = {
            "head": head,
            "section": at.repo.kind,
            "revision": revision,
            "path": path,
            "rows": sorted(rows, key=lambda row: row.file.kind == "file") if whole else rows,
            "next": _next_page(head, revision, path, found[PAGE - 1].path) if len(found) > PAGE else "",
            "first": urls.at_url(at.repo, "tree", revision.name, path) if after else "",
            "last": at.reader.commit(at.oid),
            "card": card_at(at, f"{path}/{README}", revision.name)
            if path and after is None and may_read
            else None,
            "shut": not may_read,
        }
        return Page("pages/folder.html", facts)


def _rows(tx: ReadTx, at: Snapshot, revision: Revision, page: list[Entry]) -> list[Row]:
    files = repos.describe(tx, at.repo.id, at.reader, page)
    touched = at.reader.last_commits(at.oid, [file.path for file in files])
    return [_row(at, revision, file, touched.get(file.path)) for file in files]


def _row(at: Snapshot, revision: Revision, file: File, commit: Commit | None) -> Row:
    page = "tree" if file.kind == "directory" else "blob"
    url = "" if file.kind == "commit" else urls.at_url(at.repo, page, revision.name, file.path)
    return Row(file.path.rpartition("/")[2], url, file, commit)


def _next_page(head: Head, revision: Revision, path: str, after: str) -> str:
    return urls.with_query(urls.at_url(head.repo, "tree", revision.name, path), after=after)


_TREE = "/{kind:prefix}{ns:seg}/{name:seg}/tree/{rev:rev}"
routes = [
    Route(_TREE, shows(show), methods=["GET"]),
    Route(_TREE + "/{path:rest}", shows(show), methods=["GET"]),
]
