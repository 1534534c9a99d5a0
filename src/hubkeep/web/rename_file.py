"""Give a file another name, or move it to another folder."""

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.git import Entry
from hubkeep.kit import BadInput, ReadTx
from hubkeep.repos import File, Snapshot, Stores
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.change import ChangedMeanwhile, change_from, land, put, put_large, seen
from hubkeep.web.desk import desk_at, is_open, not_a_branch
from hubkeep.web.draft import box_facts
from hubkeep.web.edit import place_of, wanted_path
from hubkeep.web.endpoint import form
from hubkeep.web.revision import not_there


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the form with the path to change."""
    path = asked.params["path"].strip("/")
    with repos.snapshot(tx, actor, asked.hub.stores, asked.kind, asked.full_name, asked.params["rev"]) as at:
        if not is_open(at):
            return not_a_branch(at, asked, "rename", path)
        desk = desk_at(tx, actor, asked, at)
        entry = _file_at(at, path)
        if entry is None:
            return not_there(at, desk.revision, path, asked)
        facts = {
            "path": path,
            "name": path.rpartition("/")[2],
            "new_path": asked.value("path") or path,
            "expects": entry.oid,
            "seen": at.oid,
        }
        return Page("pages/rename.html", box_facts(desk, asked) | facts)


async def act(asked: Asked) -> Redirect:
    """Commit it."""
    return Redirect(await asked.hub.work(rename, asked.caller, asked))


def rename(stores: Stores, actor: Actor, asked: Asked) -> str:
    """Commit the file under its new path and return the address to go to."""
    path, expects = asked.params["path"].strip("/"), asked.value("expects")
    to = wanted_path(asked, path)
    if to == path:
        raise BadInput(field="path", reason="is the one that the file has")
    line = _line(stores, actor, asked, path, to, expects)
    summary = f"Rename {path} to {to}"[:500]
    done = land(stores, actor, change_from(asked, [line], summary, {path: expects, to: None}))
    return place_of(asked, done, "blob", to)


def _line(stores: Stores, actor: Actor, asked: Asked, path: str, to: str, expects: str) -> dict[str, object]:
    """Return the operation that moves the file as it was seen. Raises ChangedMeanwhile."""
    revision = seen(asked) or asked.params["rev"]
    with (
        stores.db.read() as tx,
        repos.snapshot(tx, actor, stores, asked.kind, asked.full_name, revision) as at,
    ):
        entry = _file_at(at, path)
        if entry is None or entry.oid != expects:
            raise ChangedMeanwhile(path=path)
        file: File = repos.describe(tx, at.repo.id, at.reader, [entry])[0]
        if file.pointer is not None:
            return put_large(to, file, path)
        return put(to, at.reader.blob(entry.oid), path)


def _file_at(at: Snapshot, path: str) -> Entry | None:
    entry = at.reader.entry(at.oid, path) if path else None
    return entry if entry is not None and entry.kind == "file" else None


routes = [
    Route(
        "/{kind:prefix}{ns:seg}/{name:seg}/rename/{rev:rev}/{path:rest}",
        form(show, act),
        methods=["GET", "POST"],
    )
]
