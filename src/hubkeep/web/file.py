"""A file of a repository, at a revision."""

from collections.abc import Iterator

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.kit import ReadTx
from hubkeep.repos import File, Snapshot
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.card import Card, card_at
from hubkeep.web.endpoint import shows
from hubkeep.web.head import head_of
from hubkeep.web.kept import Kept
from hubkeep.web.preview import Look, look_at
from hubkeep.web.revision import Revision, not_there, revision_of

KEPT: Kept[Look] = Kept(16 << 20, lambda look: 500 + sum(map(len, look.lines)))  # characters of HTML
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
        if entry is None or entry.kind != "file":
            return not_there(at, revision, path, asked)
        file = repos.describe(tx, at.repo.id, at.reader, [entry])[0]
        card = None if plain else _card(at, file, revision)
        facts = {
            "head": head,
            "section": at.repo.kind,
            "revision": revision,
            "path": path,
            "file": file,
            "name": path.rpartition("/")[2],
            "card": card,
            "look": None if card else _look(asked, at, file, plain=plain),
            "plain": plain,
            "commit": at.reader.last_commits(at.oid, [path]).get(path),
            "fixed": urls.at_url(at.repo, "blob", at.oid, path),
        }
        return Page("pages/file.html", facts)


def _card(at: Snapshot, file: File, revision: Revision) -> Card | None:
    is_markdown = file.pointer is None and file.path.lower().endswith(MARKDOWN)
    return card_at(at, file.path, revision.name) if is_markdown else None


def _look(asked: Asked, at: Snapshot, file: File, *, plain: bool) -> Look:
    if file.pointer is not None and file.stored is None:
        return Look("missing")

    def read(start: int, length: int) -> Iterator[bytes]:
        return repos.read_bytes(asked.hub.stores, at.reader, file, start, length)

    # The ending of the name decides the way, the content's own name the rest.
    key = (file.etag, file.path.rpartition("/")[2], plain)
    return KEPT.get(key, lambda: look_at(file.path, file.size, read, as_source=plain))


routes = [Route("/{kind:prefix}{ns:seg}/{name:seg}/blob/{rev:rev}/{path:rest}", shows(show), methods=["GET"])]
