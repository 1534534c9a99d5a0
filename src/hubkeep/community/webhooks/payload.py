"""What a receiver is told: the payload's version 3. Source: hub-platform contract 6.2.

Built when something happens, in words that are true at that moment; addresses get this hub's own in front of them when the
call is made (`complete`). People and organizations are numbers until then (`with_people`).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from hubkeep.accounts import owners_known
from hubkeep.community.discussions import Discussion, Event
from hubkeep.kit import ReadTx
from hubkeep.repos import RefUpdate, Repo

VERSION = 3


def happened(action: str, scope: str, repo: Repo, name: str | None = None) -> dict[str, Any]:
    """Return the part that every payload has; `name` is the repository's name at that moment."""
    name = name or repo.full_name
    return {
        "event": {"action": action, "scope": scope},
        "repo": {
            "type": repo.kind.value,
            "name": name,
            "id": _id(repo.id, repo.created_at),
            "private": repo.private,
            "url": {"web": f"/{repo.kind.prefix}{name}", "api": f"/api/{repo.kind.plural}/{name}"},
            "owner": {"id": repo.owner_id},
        },
    }


def updated_refs(updates: list[RefUpdate]) -> list[dict[str, Any]]:
    """Return the moves of refs."""
    return [{"ref": one.name, "oldSha": one.old, "newSha": one.new} for one in updates]


def discussion(repo: Repo, talk: Discussion) -> dict[str, Any]:
    """Return a discussion or pull request."""
    path = f"{repo.full_name}/discussions/{talk.num}"
    shown: dict[str, Any] = {
        "id": _id(talk.id, talk.created_at),
        "num": talk.num,
        "title": talk.title,
        "status": talk.status.value,
        "isPullRequest": talk.is_pull_request,
        "pinned": talk.pinned,
        "url": {"web": f"/{repo.kind.prefix}{path}", "api": f"/api/{repo.kind.plural}/{path}"},
    }
    if talk.author_id is not None:
        shown["author"] = {"id": talk.author_id}
    if talk.is_pull_request:
        shown["changes"] = {"base": talk.base_ref}
        if talk.merge_oid:
            shown["changes"]["mergeCommitId"] = talk.merge_oid
    return shown


def comment(repo: Repo, talk: Discussion, event: Event) -> dict[str, Any]:
    """Return a comment; what a hidden one said is not told."""
    assert event.comment is not None
    number = _id(event.id, event.at)
    path = f"/{repo.kind.prefix}{repo.full_name}/discussions/{talk.num}#{number}"
    shown: dict[str, Any] = {"id": number, "hidden": event.comment.hidden, "url": {"web": path}}
    if event.author_id is not None:
        shown["author"] = {"id": event.author_id}
    if not event.comment.hidden:
        shown["content"] = event.comment.raw
    return shown


def with_people(tx: ReadTx, payload: dict[str, Any]) -> dict[str, Any]:
    """Return the payload with ids of people and organizations as the API shows them; those who are gone keep their number."""
    numbers = set(_people(payload))
    known = {each.id: _id(each.id, each.created_at) for each in owners_known(tx, numbers).values()}
    told: dict[str, Any] = _renumbered(payload, known | {n: f"{n:024x}" for n in numbers - known.keys()})
    return told


def _people(value: Any) -> Iterator[int]:
    if isinstance(value, dict):
        if isinstance(value.get("id"), int):
            yield value["id"]
        for inner in value.values():
            yield from _people(inner)


def _renumbered(value: Any, ids: Mapping[int, str]) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        key: ids[inner] if key == "id" and isinstance(inner, int) else _renumbered(inner, ids)
        for key, inner in value.items()
    }


def complete(payload: dict[str, Any], base: str, webhook_id: str) -> dict[str, Any]:
    """Put this hub's address in front of every address, and name the webhook."""
    return {**_absolute(payload, base), "webhook": {"id": webhook_id, "version": VERSION}}


def webhook_number(number: int, created_at: datetime) -> str:
    """Return the id by which a webhook is known outside."""
    return _id(number, created_at)


def _absolute(value: Any, base: str) -> Any:
    if isinstance(value, dict):
        return {
            key: {k: base + v for k, v in inner.items()} if key == "url" else _absolute(inner, base)
            for key, inner in value.items()
        }
    return value


def _id(number: int, created_at: datetime) -> str:
    """Return an id as the API shows it: the second in which it was made, then our number."""
    return f"{int(created_at.timestamp()):08x}{number:016x}"
