"""Bring a change of files into a repository, as a commit or as a pull request: through the same verbs as the API."""

import base64
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.community import pulls
from hubkeep.kit import BadInput, HubError
from hubkeep.repos import File, RefMoved, RevisionNotFound, Stores
from hubkeep.repos.types import Kind
from hubkeep.web.asked import Asked

ATTEMPTS = 5
NOTHING = "none"  # what a form says for a path where no file is
WAYS = ("commit", "propose")
MAX_SUMMARY, MAX_DESCRIPTION = 500, 65_536  # characters; Source: hub-core contract 9.3


class ChangedMeanwhile(HubError):
    """The file is not the one that the page was opened with. Nothing was committed."""

    status, text = 412, "{path} was changed since you opened this page, so nothing was committed yet."


class Exists(HubError):
    """A new file, or a renamed one, would take the place of another."""

    status, text = 409, "There is a file called {path} already."


@dataclass(frozen=True)
class Change:
    """What to do, and what must still be so: `expected` is path to object id (None: nothing there), as the page showed it.

    `seen` is the commit that the page showed: a pull request is built on it.
    """

    kind: Kind
    full_name: str
    revision: str
    lines: Sequence[Mapping[str, Any]]
    summary: str
    description: str = ""
    propose: bool = False
    seen: str = ""
    expected: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Landed:
    """Where it landed: a commit, or a pull request's number."""

    oid: str
    pull: int | None = None


def change_from(
    asked: Asked,
    lines: Sequence[Mapping[str, Any]],
    default_summary: str,
    expected: Mapping[str, str | None],
) -> Change:
    """Read what the box below every such form says. Raises BadInput."""
    way = asked.value("way") or "commit"
    if way not in WAYS:
        raise BadInput(field="way", reason=f"must be {' or '.join(WAYS)}")
    summary = " ".join(asked.value("summary").split()) or default_summary
    description = asked.value("description").replace("\r\n", "\n").strip()
    for name, text, most in (
        ("summary", summary, MAX_SUMMARY),
        ("description", description, MAX_DESCRIPTION),
    ):
        if len(text) > most:
            raise BadInput(field=name, reason=f"over the limit of {most:,} characters")
    return Change(
        kind=asked.kind,
        full_name=asked.full_name,
        revision=asked.params["rev"],
        lines=lines,
        summary=summary,
        description=description,
        propose=way == "propose",
        seen=seen(asked),
        expected=expected,
    )


def seen(asked: Asked) -> str:
    """Return the commit that the form was made from, "" when it does not say."""
    oid = asked.value("seen")
    return oid if len(oid) == 40 and set(oid) <= set("0123456789abcdef") else ""


def land(stores: Stores, actor: Actor, change: Change) -> Landed:
    """Commit, or open a pull request.

    A branch that moved meanwhile is no obstacle as long as the files concerned are the ones that were seen.

    Raises:
        ChangedMeanwhile, Exists: they are not. And what the verbs raise. Nothing was changed.
    """
    if change.propose:
        with _payload(stores, change, change.seen) as body:
            opened = pulls.open_with_commit(
                stores, actor, change.kind, change.full_name, change.revision, body
            )
        return Landed(opened.oid, opened.happened.discussion.num)
    for attempt in range(ATTEMPTS):
        tip = _check(stores, actor, change)
        try:
            with _payload(stores, change, tip) as body:
                done = repos.commit(stores, actor, change.kind, change.full_name, change.revision, body)
        except RefMoved:
            if attempt == ATTEMPTS - 1:
                raise
        else:
            return Landed(done.oid)
    raise AssertionError("unreachable")


def put(path: str, content: bytes, old_path: str | None = None) -> dict[str, Any]:
    """Return the line of a payload that writes a small file; `old_path` goes in the same commit."""
    text = base64.b64encode(content).decode()
    value = {"path": path, "content": text, "encoding": "base64"}
    return {"key": "file", "value": value | ({"oldPath": old_path} if old_path else {})}


def put_large(path: str, file: File, old_path: str) -> dict[str, Any]:
    """Return the line that gives a large file another path."""
    assert file.pointer is not None
    value = {"path": path, "algo": "sha256", "oid": file.pointer.sha256, "oldPath": old_path}
    return {"key": "lfsFile", "value": value}


def move_folder(path: str, old_path: str) -> dict[str, Any]:
    """Return the line that gives a folder another path, with everything in it."""
    return {"key": "movedFolder", "value": {"path": path, "oldPath": old_path}}


def delete(path: str, *, folder: bool) -> dict[str, Any]:
    """Return the line that removes a file, or a folder with everything in it."""
    return {"key": "deletedFolder" if folder else "deletedFile", "value": {"path": path}}


def _check(stores: Stores, actor: Actor, change: Change) -> str:
    """Return the tip, if what is expected there is there."""
    with (
        stores.db.read() as tx,
        repos.snapshot(tx, actor, stores, change.kind, change.full_name, change.revision) as at,
    ):
        for path, oid in change.expected.items():
            entry = at.reader.entry(at.oid, path)
            if (entry.oid if entry else None) == oid:
                continue
            if oid is None:
                raise Exists(path=path)
            raise ChangedMeanwhile(path=path)
        if at.ref is None:
            raise RevisionNotFound(revision=change.revision)
        return at.oid


@contextmanager
def _payload(stores: Stores, change: Change, parent: str) -> Iterator[Path]:
    header: dict[str, Any] = {"summary": change.summary, "description": change.description}
    if parent:
        header["parentCommit"] = parent
    with tempfile.TemporaryDirectory(dir=stores.scratch, prefix="change-") as folder:
        body = Path(folder, "body")
        with body.open("w") as file:
            for line in ({"key": "header", "value": header}, *change.lines):
                file.write(json.dumps(line) + "\n")
        yield body
