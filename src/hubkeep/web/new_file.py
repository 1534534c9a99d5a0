"""Create a text file in the browser."""

from dataclasses import replace

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.kit import BadInput, ReadTx
from hubkeep.repos import Candidate, Stores
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.card_faults import CARD
from hubkeep.web.change import change_from, land, put, seen
from hubkeep.web.desk import desk_at, is_open, not_a_branch
from hubkeep.web.draft import draft_facts
from hubkeep.web.edit import LOOKS, MAX_FORM, check_text, looked, place_of, wanted_path
from hubkeep.web.endpoint import form
from hubkeep.web.metadata import filled_in, require_filled_in
from hubkeep.web.plain_text import restored

STARTER = "# {name}\n\nWhat it is, how it was made, what it is good for and what not.\n"


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show an empty sheet; `?filename=` names it."""
    folder = asked.params.get("path", "").strip("/")
    asked = filled_in(asked, "")
    with repos.snapshot(tx, actor, asked.hub.stores, asked.kind, asked.full_name, asked.params["rev"]) as at:
        if not is_open(at):
            return not_a_branch(at, asked, "new", folder)
        desk = desk_at(tx, actor, asked, at)
        name = asked.query.get("filename", "")[:255]
        path = asked.value("path") or (f"{folder}/{name}" if folder else name)
        if not asked.form and name and at.reader.entry(at.oid, path) is not None:
            return Redirect(desk.page("edit", path), 302)  # it is there, perhaps with nothing but metadata
        text = STARTER.format(name=at.repo.name) if path == CARD else ""
        facts = draft_facts(desk, asked, path, asked.value("text") if asked.form else text)
        facts |= {"path": "", "folder": folder, "name": name, "new_path": path, "expects": "", "conflict": ""}
        return Page("pages/editor.html", facts | {"seen": seen(asked) or at.oid})


async def act(asked: Asked) -> Redirect | Page:
    """Commit the file; or show it rendered."""
    asked = filled_in(asked, "")
    if asked.value("do") in LOOKS:
        return await asked.hub.work(look, asked.caller, asked)
    return Redirect(await asked.hub.work(save, asked.caller, asked))


def look(stores: Stores, actor: Actor, asked: Asked) -> Page:
    """Return the page with a look at the text below it."""
    with stores.db.read() as tx:
        page = show(tx, actor, replace(asked, problem="", again=False))
    if isinstance(page, Redirect) or page.status != 200:
        raise BadInput(field="path", reason="nothing can be committed to this revision")
    return replace(page, facts={**page.facts, **looked(stores, asked, "", "", asked.value("text"))})


def save(stores: Stores, actor: Actor, asked: Asked) -> str:
    """Commit the file and return the address to go to."""
    path = wanted_path(asked)
    require_filled_in(asked, path)
    content = restored(asked.value("text")).encode()
    check_text(asked, path, content)
    change = change_from(asked, [put(path, content)], f"Create {path.rpartition('/')[2]}"[:500], {path: None})
    _refuse_large(stores, actor, asked, path, content, propose=change.propose)
    return place_of(asked, land(stores, actor, change), "blob", path)


def _refuse_large(
    stores: Stores, actor: Actor, asked: Asked, path: str, content: bytes, *, propose: bool
) -> None:
    """Refuse a path that `.gitattributes` gives to the large files: git would see a change that nobody made."""
    candidate = Candidate(path, len(content), content[:512])
    with stores.db.read() as tx:
        verdicts = repos.preupload(
            tx,
            actor,
            stores,
            asked.kind,
            asked.full_name,
            asked.params["rev"],
            [candidate],
            None,
            None,
            create_pr=propose,
        )[1]
    if verdicts[0].large:
        raise BadInput(
            field="path",
            reason=f"{path} is kept as a large file here (see .gitattributes): upload it instead",
        )


_NEW = "/{kind:prefix}{ns:seg}/{name:seg}/new/{rev:rev}"
routes = [
    Route(_NEW, form(show, act, MAX_FORM), methods=["GET", "POST"]),
    Route(_NEW + "/{path:rest}", form(show, act, MAX_FORM), methods=["GET", "POST"]),
]
