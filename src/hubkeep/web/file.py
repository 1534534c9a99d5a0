"""A file of a repository, at a revision."""

import posixpath
from collections.abc import Iterator
from dataclasses import replace

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.git import SYMLINK, Entry
from hubkeep.kit import ReadTx
from hubkeep.repos import File, Snapshot
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.card import Card, card_at, place_of
from hubkeep.web.endpoint import shows
from hubkeep.web.head import head_of
from hubkeep.web.kept import Kept
from hubkeep.web.preview import Look, look_at
from hubkeep.web.revision import Revision, not_there, revision_of

KEPT: Kept[Look] = Kept(16 << 20, lambda look: look.weight)  # characters of HTML
MARKDOWN = (".md", ".markdown", ".mdx")


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show a file: rendered, as a picture, as a table, or its source; `?plain=1` asks for the source."""
    stores, path = asked.hub.stores, asked.params["path"].strip("/")
    plain = asked.query.get("plain") == "1"
    with repos.snapshot(tx, actor, stores, asked.kind, asked.full_name, asked.params["rev"]) as at:
        head = head_of(asked, actor, at.repo, "files")
        revision = revision_of(tx, at, asked)
        entry = at.reader.entry(at.oid, path) if path else None
        if not path or (entry is not None and entry.kind == "directory"):
            return Redirect(urls.at_url(at.repo, "tree", revision.name, path), 302)
        if entry is None or entry.kind == "directory":
            return not_there(at, revision, path, asked)
        file = repos.describe(tx, at.repo.id, at.reader, [entry])[0]
        card = None if plain or file.kind != "file" or entry.mode == SYMLINK else _card(at, file, revision)
        look = None if card else _shown(asked, at, revision, entry, file, plain=plain)
        facts = {
            "head": head,
            "section": at.repo.kind,
            "revision": revision,
            "path": path,
            "leads_to": linked_to(path, look.target) if look and look.way == "link" else "",
            "file": file,
            "name": path.rpartition("/")[2],
            "card": card,
            "look": look,
            "plain": plain,
            "commit": at.reader.last_commits(at.oid, [path]).get(path),
            "fixed": urls.at_url(at.repo, "blob", at.oid, path),
        }
        return Page("pages/file.html", facts)


def _card(at: Snapshot, file: File, revision: Revision) -> Card | None:
    is_markdown = file.pointer is None and file.path.lower().endswith(MARKDOWN)
    return card_at(at, file.path, revision.name) if is_markdown else None


def _shown(asked: Asked, at: Snapshot, revision: Revision, entry: Entry, file: File, *, plain: bool) -> Look:
    """Return how to show what is at a path: besides files, links to other paths, and other repositories' commits."""
    if entry.kind == "commit":
        return Look("submodule", target=entry.oid)
    if entry.mode == SYMLINK:
        return Look("link", target=at.reader.blob(entry.oid)[:4096].decode("utf-8", "replace"))
    look = _look(asked, at, file, plain=plain)
    if look.notebook is None:
        return look
    html = place_of(at, revision.name).complete(look.notebook.html)
    return replace(look, notebook=replace(look.notebook, html=html))


def linked_to(path: str, target: str) -> str:
    """Return the path in the repository to which a link at `path` leads, "" when it leads out of it."""
    inside = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    out = target.startswith("/") or "\0" in target or inside.split("/")[0] in ("..", ".")
    return "" if out else inside


def _look(asked: Asked, at: Snapshot, file: File, *, plain: bool) -> Look:
    if file.pointer is not None and file.stored is None:
        return Look("missing")

    def read(start: int, length: int) -> Iterator[bytes]:
        return repos.read_bytes(asked.hub.stores, at.reader, file, start, length)

    # The ending of the name decides the way, the content's own name the rest.
    name = file.path if file.path.endswith(".ipynb") else file.path.rpartition("/")[2]
    key = (file.etag, name, plain)  # what a notebook links to depends on its folder too
    return KEPT.get(key, lambda: look_at(file.path, file.size, read, as_source=plain))


routes = [Route("/{kind:prefix}{ns:seg}/{name:seg}/blob/{rev:rev}/{path:rest}", shows(show), methods=["GET"])]
