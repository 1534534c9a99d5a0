"""Which refs a push may move, and where to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hubkeep.accounts import Action, Actor, may
from hubkeep.git import Command, ObjectMissing, Quarantine, Reader, check_ref_name
from hubkeep.kit import HubError, ReadTx
from hubkeep.repos import queries
from hubkeep.repos.kept_refs import PULL, require_pull_ref
from hubkeep.repos.types import RefUpdate, Repo

MAX_TAG_DEPTH = 10
_SPACES = ("refs/heads/", "refs/tags/", "refs/convert/", PULL)


@dataclass(frozen=True)
class Move:
    """A move that the rules allow."""

    update: RefUpdate


def judge(
    tx: ReadTx, actor: Actor, repo: Repo, commands: Sequence[Command], quarantine: Quarantine | None
) -> dict[str, Move | str]:
    """Return ref to its move, or to the reason why it may not be made."""
    current = queries.refs_of(tx, repo.id)
    reader = quarantine.reader() if quarantine is not None else None
    after = set(current) - {command.ref for command in commands if command.new is None}
    verdicts: dict[str, Move | str] = {}
    for command in commands:
        reason = _fault(tx, actor, repo, command, current, after)
        if reason is None:
            after.add(command.ref)
            verdicts[command.ref] = _move(command, reader)
        else:
            verdicts[command.ref] = reason
    return verdicts


def _fault(
    tx: ReadTx, actor: Actor, repo: Repo, command: Command, current: dict[str, str], after: set[str]
) -> str | None:
    ref = command.ref
    if not ref.startswith(_SPACES) or not check_ref_name(ref):
        return "only branches (refs/heads/…) and tags (refs/tags/…) can be pushed, by names that git accepts"
    if command.new is None and ref == f"refs/heads/{repo.default_branch}":
        return f"{repo.default_branch} is the default branch and cannot be deleted"
    if ref.startswith("refs/convert/") and not may(actor, Action.MANAGE, repo):
        return "only those who manage the repository may push conversions"
    if ref.startswith(PULL):
        if command.new is None:
            return "a pull request is closed on its page, not by a push"
        try:
            require_pull_ref(tx, actor, repo, ref)
        except HubError as error:
            return str(error)
    elif not may(actor, Action.WRITE, repo):
        return f"you may only push to pull requests of your own in {repo.full_name}"
    if current.get(ref) != command.old:
        return "fetch first" if command.new is not None else "it was moved or deleted meanwhile"
    if ref not in current and (clash := conflict(ref, after)):
        return f"{clash} exists: git cannot have both"
    return None


def conflict(ref: str, others: Iterable[str]) -> str | None:
    """Return a ref beside which `ref` cannot exist: one's name would be the other's folder."""
    return next((o for o in others if o.startswith(f"{ref}/") or ref.startswith(f"{o}/")), None)


def _move(command: Command, reader: Reader | None) -> Move | str:
    if command.new is None or reader is None:
        return Move(RefUpdate(command.ref, command.old, None))
    try:
        kind, oid = peel(reader, command.new)
    except ObjectMissing as missing:
        return f"the push lacks the object {missing.facts['oid']}"
    if kind != "commit":
        return f"it would lead to a {kind}, not to a commit"
    if oid != command.new and not command.ref.startswith("refs/tags/"):
        return "only tags can hold tag objects"
    return Move(RefUpdate(command.ref, command.old, command.new, oid))


def peel(reader: Reader, oid: str) -> tuple[str, str]:
    """Follow annotated tags; return the kind and id of what they lead to. Raises ObjectMissing."""
    kind, data = reader.read(oid)
    for _ in range(MAX_TAG_DEPTH):
        if kind != "tag":
            break
        oid = data[len(b"object ") : len(b"object ") + 40].decode("ascii", "replace")
        kind, data = reader.read(oid)
    return kind, oid
