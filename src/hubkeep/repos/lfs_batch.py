"""Answer which large objects a client has to move, and how: the negotiation of git-lfs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hubkeep.accounts import Action, Actor
from hubkeep.cas import held
from hubkeep.kit import ReadTx, TooLarge
from hubkeep.repos.get import get_for
from hubkeep.repos.lfs_ticket import LfsTicket, LfsWay
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
) -> tuple[Repo, list[LfsVerdict]]:
    """Return one verdict per object, in order.

    An upload is asked for unless this repository holds the object: that some other one holds it proves nothing about the caller.

    Raises:
        TooLarge: over 1,000 objects. And what `get_for` raises: nobody hears of a repository that is private to them.
    """
    repo = get_for(tx, actor, kind, full_name, Action.WRITE if way is LfsWay.UPLOAD else Action.READ)
    if len(objects) > MAX_OBJECTS:
        raise TooLarge(field="objects", limit=f"{MAX_OBJECTS:,} objects")
    here = {
        sha256: stored.size
        for sha256, stored in held(
            tx, repo.id, {o.sha256 for o in objects if _SHA256.fullmatch(o.sha256)}
        ).items()
    }
    most = stores.settings.lfs.max_bytes
    return repo, [_verdict(way, repo, actor, wanted, here.get(wanted.sha256), most) for wanted in objects]


def _verdict(
    way: LfsWay, repo: Repo, actor: Actor, wanted: LfsObject, size: int | None, most: int
) -> LfsVerdict:
    if not _SHA256.fullmatch(wanted.sha256):
        return LfsVerdict(
            wanted, status=422, reason="oid must be a sha256 in 64 lower-case hexadecimal digits"
        )
    if wanted.size < 0:
        return LfsVerdict(wanted, status=422, reason="size must not be negative")
    if size is not None and size != wanted.size:
        return LfsVerdict(
            wanted, status=422, reason=f"size is {wanted.size}, but this object has {size} bytes"
        )
    ticket = LfsTicket(way, repo.id, actor.user_id, wanted.sha256, wanted.size)
    if way is LfsWay.DOWNLOAD:
        if size is None:
            return LfsVerdict(wanted, status=404, reason="this repository holds no such object")
        return LfsVerdict(wanted, ticket)
    if size is not None:
        return LfsVerdict(wanted)
    if wanted.size > most:
        return LfsVerdict(wanted, status=413, reason=f"size is over the limit of {most:,} bytes for one file")
    return LfsVerdict(wanted, ticket)
