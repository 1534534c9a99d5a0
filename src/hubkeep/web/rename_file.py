"""Give a file or a folder another name, or move it to another folder."""

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.git import DIRECTORY, Entry
from hubkeep.kit import BadInput, HubError, ReadTx
from hubkeep.repos import File, Snapshot, Stores
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.change import ChangedMeanwhile, change_from, land, move_folder, put, put_large, seen
from hubkeep.web.desk import desk_at, is_open, not_a_branch
from hubkeep.web.draft import box_facts
from hubkeep.web.edit import place_of, wanted_path
from hubkeep.web.endpoint import form
from hubkeep.web.revision import not_there


class AlmostExists(HubError):
    """Two folders whose names differ in nothing but upper and lower case."""

    status, text = (
        409,
        "path: {path} and {other}, which is there already, are one and the same on some systems.",
    )


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the form with the path to change."""
    path = asked.params["path"].strip("/")
    with repos.snapshot(tx, actor, asked.hub.stores, asked.kind, asked.full_name, asked.params["rev"]) as at:
        if not is_open(at):
            return not_a_branch(at, asked, "rename", path)
        desk = desk_at(tx, actor, asked, at)
        entry = _entry_at(at, path)
        if entry is None:
            return not_there(at, desk.revision, path, asked)
        facts = {
            "path": path,
            "folder": entry.kind == "directory",
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
        raise BadInput(field="path", reason="it is called that already")
    line = _line(stores, actor, asked, path, to, expects)
    folder = line["key"] == "movedFolder"
    summary = f"Rename {path} to {to}"[:500]
    expected = {path: expects} | (
        {} if folder else {to: None}
    )  # a folder may take the place of one that it empties
    done = land(stores, actor, change_from(asked, [line], summary, expected))
    return place_of(asked, done, "tree" if folder else "blob", to)


def _line(stores: Stores, actor: Actor, asked: Asked, path: str, to: str, expects: str) -> dict[str, object]:
    """Return the operation that moves what is there, as it was seen. Raises ChangedMeanwhile, AlmostExists."""
    revision = seen(asked) or asked.params["rev"]
    with (
        stores.db.read() as tx,
        repos.snapshot(tx, actor, stores, asked.kind, asked.full_name, revision) as at,
    ):
        entry = _entry_at(at, path)
        if entry is None or entry.oid != expects:
            raise ChangedMeanwhile(path=path)
        if entry.kind == "directory":
            _require_other_name(at, path, to)
            return move_folder(to, path)
        file: File = repos.describe(tx, at.repo.id, at.reader, [entry])[0]
        if file.pointer is not None:
            return put_large(to, file, path)
        return put(to, at.reader.blob(entry.oid), path)


def _require_other_name(at: Snapshot, path: str, to: str) -> None:
    """Refuse a name that only differs in case from another one beside it, or above: checked out on some systems, they are one."""
    tree, above = at.reader.commit(at.oid).tree, ""
    for part in to.split("/"):
        here = f"{above}{part}"
        found = at.reader.tree(tree)
        for raw in found:
            name = raw.decode("utf-8", "replace")
            if name != part and name.casefold() == part.casefold() and f"{above}{name}" != path:
                raise AlmostExists(path=here, other=f"{above}{name}")
        mode, oid = found.get(part.encode(), (0, b""))
        if mode != DIRECTORY:
            return
        tree, above = oid.hex(), f"{here}/"


def _entry_at(at: Snapshot, path: str) -> Entry | None:
    entry = at.reader.entry(at.oid, path) if path else None
    return entry if entry is not None and entry.kind != "commit" else None


routes = [
    Route(
        "/{kind:prefix}{ns:seg}/{name:seg}/rename/{rev:rev}/{path:rest}",
        form(show, act),
        methods=["GET", "POST"],
    )
]
