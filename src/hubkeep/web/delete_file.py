"""Delete a file, or a folder with everything in it."""

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.kit import ReadTx
from hubkeep.repos import EntryNotFound, Stores
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.change import change_from, delete, land
from hubkeep.web.desk import desk_at, is_open, not_a_branch
from hubkeep.web.draft import box_facts
from hubkeep.web.edit import place_of
from hubkeep.web.endpoint import form
from hubkeep.web.revision import not_there

SHOWN = 10  # of what is in a folder


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show what would go."""
    path = asked.params["path"].strip("/")
    with repos.snapshot(tx, actor, asked.hub.stores, asked.kind, asked.full_name, asked.params["rev"]) as at:
        if not is_open(at):
            return not_a_branch(at, asked, "delete", path)
        desk = desk_at(tx, actor, asked, at)
        entry = at.reader.entry(at.oid, path) if path else None
        if entry is None:
            return not_there(at, desk.revision, path, asked)
        folder = entry.kind == "directory"
        inside = at.reader.walk(at.oid, path, recursive=False, after=None, limit=SHOWN + 1) if folder else []
        facts = {
            "path": path,
            "name": path.rpartition("/")[2],
            "folder": folder,
            "inside": [
                each.path.rpartition("/")[2] + ("/" if each.kind == "directory" else "") for each in inside
            ],
            "shown": SHOWN,
            "expects": entry.oid,
            "seen": at.oid,
        }
        return Page("pages/delete_file.html", box_facts(desk, asked) | facts)


async def act(asked: Asked) -> Redirect:
    """Commit it."""
    return Redirect(await asked.hub.work(remove, asked.caller, asked))


def remove(stores: Stores, actor: Actor, asked: Asked) -> str:
    """Commit the deletion and return the address of the folder that it was in."""
    path = asked.params["path"].strip("/")
    with (
        stores.db.read() as tx,
        repos.snapshot(tx, actor, stores, asked.kind, asked.full_name, asked.params["rev"]) as at,
    ):
        entry = at.reader.entry(at.oid, path) if path else None
        if entry is None:
            raise EntryNotFound(path=path)
    line = delete(path, folder=entry.kind == "directory")
    summary = f"Delete {path}"[:500]
    done = land(stores, actor, change_from(asked, [line], summary, {path: asked.value("expects")}))
    return place_of(asked, done, "tree", "" if done.pull else _left(stores, actor, asked, done.oid, path))


def _left(stores: Stores, actor: Actor, asked: Asked, oid: str, path: str) -> str:
    """Return the nearest folder above that is still there: one that loses its last file goes too."""
    with (
        stores.db.read() as tx,
        repos.snapshot(tx, actor, stores, asked.kind, asked.full_name, oid) as at,
    ):
        while path := path.rpartition("/")[0]:
            if at.reader.entry(at.oid, path) is not None:
                return path
    return ""


routes = [
    Route(
        "/{kind:prefix}{ns:seg}/{name:seg}/delete/{rev:rev}/{path:rest}",
        form(show, act),
        methods=["GET", "POST"],
    )
]
