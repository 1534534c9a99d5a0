"""Edit a text file in the browser."""

from dataclasses import dataclass, replace

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.git import BadPath, check_path
from hubkeep.kit import BadInput, ReadTx
from hubkeep.repos import InvalidPath, Snapshot, Stores
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.card_faults import CARD, card_faults
from hubkeep.web.change import NOTHING, Landed, change_from, land, put, seen
from hubkeep.web.desk import Desk, desk_at, is_open, not_a_branch
from hubkeep.web.draft import changes_facts, draft_facts, preview_facts
from hubkeep.web.endpoint import form
from hubkeep.web.metadata import filled_in, require_filled_in
from hubkeep.web.plain_text import MAX_BYTES, decoded, restored
from hubkeep.web.revision import not_there

MAX_FORM = 8 << 20  # bytes; text is longer on its way, and nobody should lose theirs for being over the limit
LOOKS = ("preview", "changes", "metadata")
SYMLINK = 0o120000
INSTEAD = "Upload a new version of it instead."


@dataclass(frozen=True)
class Sheet:
    """A file to edit: its text, or why that cannot be done here."""

    oid: str
    text: str = ""
    refusal: str = ""


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the editor: with the file's text, or with what was sent when that was refused."""
    path = asked.params["path"].strip("/")
    asked = filled_in(asked, path)
    with repos.snapshot(tx, actor, asked.hub.stores, asked.kind, asked.full_name, asked.params["rev"]) as at:
        if not is_open(at):
            return not_a_branch(at, asked, "edit", path)
        desk = desk_at(tx, actor, asked, at)
        sheet = _sheet(tx, at, path)
        if asked.form:
            return _again(desk, sheet, asked, at, path)
        if sheet.refusal:
            return Page("pages/no_editor.html", _facts(desk, path) | {"refusal": sheet.refusal})
        if sheet.oid == NOTHING:
            return not_there(at, desk.revision, path, asked)
        return Page(
            "pages/editor.html",
            _facts(desk, path)
            | draft_facts(desk, asked, path, sheet.text)
            | {
                "new_path": path,
                "expects": sheet.oid,
                "seen": at.oid,
                "conflict": "",
            },
        )


async def act(asked: Asked) -> Redirect | Page:
    """Commit the text; or show it rendered, or what it changes."""
    asked = filled_in(asked, asked.params["path"].strip("/"))
    if asked.value("do") in LOOKS:
        return await asked.hub.work(look, asked.caller, asked)
    return Redirect(await asked.hub.work(save, asked.caller, asked))


def look(stores: Stores, actor: Actor, asked: Asked) -> Page:
    """Return the editor's page with a look at the text below it."""
    path = asked.params["path"].strip("/")
    text = _text_of(asked)
    with stores.db.read() as tx:
        page = show(tx, actor, replace(asked, problem="", again=False))
        original = _original(tx, actor, asked, path)
    if isinstance(page, Redirect) or page.status != 200:
        raise BadInput(field="path", reason="cannot be edited at this revision")
    assert isinstance(page, Page)
    return replace(page, facts={**page.facts, **looked(stores, asked, path, original, text)})


def save(stores: Stores, actor: Actor, asked: Asked) -> str:
    """Commit what was sent and return the address to go to."""
    path = asked.params["path"].strip("/")
    to = wanted_path(asked, path)
    require_filled_in(asked, path)
    with stores.db.read() as tx:
        original = _original(tx, actor, asked, path)
    content = restored(_text_of(asked), original).encode()
    check_text(asked, to, content)
    if to == path and content == original.encode():
        raise BadInput(field="text", reason="nothing was changed")
    expects = asked.value("over") or asked.value("expects")
    expected: dict[str, str | None] = {path: None if expects == NOTHING else expects}
    if to != path:
        expected[to] = None
    moved = to != path and expects != NOTHING
    line = put(to, content, path if moved else None)
    summary = f"Rename {path} to {to}" if to != path else f"Update {path.rpartition('/')[2]}"
    done = land(stores, actor, change_from(asked, [line], summary[:500], expected))
    return place_of(asked, done, "blob", to)


def place_of(asked: Asked, done: Landed, page: str, path: str) -> str:
    """Return where to go: to the file on its branch, or to the pull request."""
    here = urls.named_url(asked.kind, asked.full_name)
    if done.pull is not None:
        return f"{here}/discussions/{done.pull}"
    tail = f"/{urls.path_part(path)}" if path else ""
    return f"{here}/{page}/{urls.segment(asked.params['rev'])}{tail}"


def wanted_path(asked: Asked, present: str = "") -> str:
    """Return the path that the form names, without blanks around it unless the `present` one has them. Raises InvalidPath."""
    path = asked.value("path")
    path = path if path == present else path.strip().strip("/")
    try:
        return check_path(path)
    except BadPath as error:
        raise InvalidPath(path=path[:200], reason=error.facts["reason"]) from None


def check_text(asked: Asked, path: str, content: bytes) -> None:
    """Refuse what should not be committed. Raises BadInput."""
    if len(content) > MAX_BYTES:
        raise BadInput(
            field="text",
            reason=f"over the limit of {MAX_BYTES:,} bytes for editing in a browser: upload the file",
        )
    if path == CARD and card_faults(content.decode(), asked.kind):
        reason = "its front matter, between the two lines of ---, is wrong, so nothing was committed"
        raise BadInput(field=CARD, reason=reason)


def looked(stores: Stores, asked: Asked, path: str, original: str, text: str) -> dict[str, object]:
    """Return the facts of a look at the text."""
    if asked.value("do") == "metadata":
        return {}  # it is in the text, and the form shows what the text says
    if asked.value("do") == "preview":
        return preview_facts(asked, asked.value("path").strip("/") or path, text)
    return changes_facts(stores, original, restored(text, original))


def _text_of(asked: Asked) -> str:
    if "text" not in asked.form:
        raise BadInput(field="text", reason="is missing")
    return asked.value("text")


def _original(tx: ReadTx, actor: Actor, asked: Asked, path: str) -> str:
    """Return the text that the editor was opened with, "" when it is not there any more."""
    revision = seen(asked) or asked.params["rev"]
    with repos.snapshot(tx, actor, asked.hub.stores, asked.kind, asked.full_name, revision) as at:
        return _sheet(tx, at, path).text


def _again(desk: Desk, sheet: Sheet, asked: Asked, at: Snapshot, path: str) -> Page:
    expects = asked.value("expects")
    conflict = sheet.oid if sheet.oid != expects else ""
    facts = {
        "new_path": asked.value("path"),
        "expects": expects,
        "seen": seen(asked) or at.oid,
        "conflict": conflict,
        "other": at.reader.last_commits(at.oid, [path]).get(path) if conflict not in ("", NOTHING) else None,
    }
    return Page(
        "pages/editor.html", _facts(desk, path) | draft_facts(desk, asked, path, asked.value("text")) | facts
    )


def _facts(desk: Desk, path: str) -> dict[str, object]:
    return {
        "desk": desk,
        "head": desk.head,
        "section": desk.repo.kind,
        "path": path,
        "name": path.rpartition("/")[2],
    }


def _sheet(tx: ReadTx, at: Snapshot, path: str) -> Sheet:
    entry = at.reader.entry(at.oid, path) if path else None
    if entry is None or entry.kind == "directory":
        return Sheet(NOTHING)
    if entry.kind == "commit" or entry.mode == SYMLINK:
        what = (
            "a link to another file"
            if entry.mode == SYMLINK
            else "another repository, of which git keeps the commit"
        )
        return Sheet(entry.oid, refusal=f"It is {what}.")
    file = repos.describe(tx, at.repo.id, at.reader, [entry])[0]
    if file.pointer is not None:
        return Sheet(entry.oid, refusal=f"It is kept as a large file, beside git. {INSTEAD}")
    if file.size > MAX_BYTES:
        return Sheet(
            entry.oid,
            refusal=f"It is too big to edit here: {file.size:,} bytes, the limit is {MAX_BYTES:,}. {INSTEAD}",
        )
    text = decoded(at.reader.blob(entry.oid))
    return (
        Sheet(entry.oid, refusal=f"It is not text in UTF-8. {INSTEAD}")
        if text is None
        else Sheet(entry.oid, text)
    )


routes = [
    Route(
        "/{kind:prefix}{ns:seg}/{name:seg}/edit/{rev:rev}/{path:rest}",
        form(show, act, MAX_FORM),
        methods=["GET", "POST"],
    )
]
