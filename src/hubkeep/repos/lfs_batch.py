"""Answer which large objects a client has to move, and how: the negotiation of git-lfs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hubkeep.accounts import Action, Actor, NotAllowed, NotSignedIn, may_propose
from hubkeep.cas import held
from hubkeep.kit import ReadTx, TooLarge
from hubkeep.repos.gate import require_content
from hubkeep.repos.get import get_for, token_hint
from hubkeep.repos.lfs_ticket import LfsTicket, LfsWay
from hubkeep.repos.quota import require_room
from hubkeep.repos.types import Kind, Repo, Stores

MAX_OBJECTS = 1000
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class LfsObject:
    """An object as the client announces it: sha256 in hex and size in bytes, both unchecked."""

    sha256: str
    size: int


@dataclass(frozen=True)
class LfsVerdict:
    """What is to be done: with a `ticket`, move it; with `status` and `reason`, it cannot be; with neither, it is there."""

    wanted: LfsObject
    ticket: LfsTicket | None = None
    status: int = 0
    reason: str = ""


def lfs_batch(
    tx: ReadTx,
    actor: Actor,
    stores: Stores,
    kind: Kind,
    full_name: str,
    way: LfsWay,
    objects: Sequence[LfsObject],
    *,
    proposes: bool = False,
) -> tuple[Repo, list[LfsVerdict]]:
    """Return one verdict per object, in order.

    An upload is asked for unless this repository holds the object: that some other one holds it proves nothing about the caller.
    With `proposes`, the objects are for a pull request: who may read may propose.

    Raises:
        NotSignedIn, NotAllowed: uploads need somebody whose token may write.
        TooLarge: over 1,000 objects.
        StorageFull: the owner has no room for what is to be uploaded. And what `get_for` raises: nobody hears of a repository that is private to them.
    """
    writes = way is LfsWay.UPLOAD and not proposes
    repo = get_for(tx, actor, kind, full_name, Action.WRITE if writes else Action.READ)
    if not writes:
        require_content(tx, actor, repo)
    if way is LfsWay.UPLOAD and actor.anonymous:
        raise NotSignedIn
    if way is LfsWay.UPLOAD and not may_propose(actor, repo):
        raise NotAllowed(what=f"upload to {repo.full_name}{token_hint(actor)}")
    if len(objects) > MAX_OBJECTS:
        raise TooLarge(field="objects", limit=f"{MAX_OBJECTS:,} objects")
    known = held(tx, repo.id, {wanted.sha256 for wanted in objects if _SHA256.fullmatch(wanted.sha256)})
    most = stores.settings.lfs.max_bytes
    verdicts = []
    for wanted in objects:
        here = known.get(wanted.sha256)
        status, reason = _refusal(way, wanted, here.size if here else None, most)
        moves = not status and (way is LfsWay.DOWNLOAD or here is None)
        token_id = actor.token.id if actor.token is not None else None
        who = (repo.id, actor.user_id)
        ticket = LfsTicket(way, *who, wanted.sha256, wanted.size, proposes, token_id=token_id)
        verdicts.append(LfsVerdict(wanted, ticket if moves else None, status, reason))
    if way is LfsWay.UPLOAD:
        more = sum({v.wanted.sha256: v.wanted.size for v in verdicts if v.ticket is not None}.values())
        require_room(tx, stores.settings.quotas, repo.owner_id, repo.owner, more_bytes=more)
    return repo, verdicts


def _refusal(way: LfsWay, wanted: LfsObject, size: int | None, most: int) -> tuple[int, str]:
    """Return why an object cannot be moved, (0, "") when it can. `size` is that of the object held here."""
    if not _SHA256.fullmatch(wanted.sha256):
        return 422, "oid must be a sha256 in 64 lower-case hexadecimal digits"
    if wanted.size < 0:
        return 422, "size must not be negative"
    if size is not None and size != wanted.size:
        return 422, f"size is {wanted.size}, but this object has {size} bytes"
    if way is LfsWay.DOWNLOAD and size is None:
        return 404, "this repository holds no such object"
    if way is LfsWay.UPLOAD and wanted.size > most:
        return 413, f"size is over the limit of {most:,} bytes for one file"
    return 0, ""
