"""Take a large object that was announced in a batch: in one piece, or put together from parts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hubkeep.accounts import Actor
from hubkeep.cas import PartialFiles, Plan, UploadGone, held, keep_whole, link_whole
from hubkeep.kit import HubError, Job, ReadTx, WriteTx
from hubkeep.repos.get import get
from hubkeep.repos.lfs_ticket import LfsTicket
from hubkeep.repos.quota import add_storage, require_room
from hubkeep.repos.types import Kind, Repo, Stores
from hubkeep.storage import DigestMismatch

FOLDER = "multipart"
MARGIN_SECONDS = 3600  # after its links have ended, an upload may still be being put together


class ObjectNotHeld(HubError):
    """A client asks to confirm an object that did not arrive."""

    status, text = 404, "This repository holds no object {sha256}."


class SizeMismatch(HubError):
    """The bytes are more or fewer than announced."""

    status, text = 422, "size is {got} bytes, announced were {want}."


def check_lfs_upload(tx: ReadTx, actor: Actor, ticket: LfsTicket) -> Repo:
    """Return the repository if the ticket's user may write to it now. Raises what `LfsTicket.holder` raises."""
    del actor  # the ticket says who
    return ticket.holder(tx)[1]


def keep_lfs_upload(
    stores: Stores, actor: Actor, ticket: LfsTicket, path: Path, size: int, sha256: str
) -> None:
    """Keep a received file whose hash was computed on the way, and let the repository hold it. Repeating is no error.

    Raises:
        SizeMismatch, DigestMismatch: other bytes than announced; nothing was kept. And what `LfsTicket.holder` raises.
    """
    del actor
    if size != ticket.size:
        raise SizeMismatch(got=size, want=ticket.size)
    if sha256 != ticket.sha256:
        raise DigestMismatch(want=ticket.sha256, got=sha256)
    keep_whole(stores.blobs, path, sha256)
    _link(stores, ticket)


def begin_lfs_parts(
    tx: WriteTx, actor: Actor, stores: Stores, tickets: Sequence[LfsTicket], part_bytes: int
) -> list[LfsTicket]:
    """Begin uploads in parts of `part_bytes`; for each, leave a job that clears away what comes to nothing."""
    del actor
    seconds = stores.settings.lfs.link_seconds + MARGIN_SECONDS
    begun = []
    for ticket in tickets:
        upload = partial_files(stores).begin(ticket.size)
        tx.enqueue(Job("repos.drop_lfs_parts", {"upload": upload}, delay=seconds))
        begun.append(replace(ticket, part_bytes=part_bytes, upload=upload))
    return begun


def finish_lfs_parts(stores: Stores, actor: Actor, ticket: LfsTicket, tags: Mapping[int, str]) -> None:
    """Put the parts together and let the repository hold the object. Repeating is no error.

    Raises:
        UploadGone, PartsMissing, DigestMismatch: see `PartialFiles.finish`. And what `LfsTicket.holder` raises.
    """
    del actor
    plan = Plan(ticket.size, ticket.part_bytes)
    try:
        with partial_files(stores).finish(ticket.upload, plan, tags, ticket.sha256) as path:
            keep_whole(stores.blobs, path, ticket.sha256)
            _link(stores, ticket)
    except UploadGone:
        with stores.db.read() as tx:
            if not _holds(tx, ticket):
                raise


def verify_lfs_upload(
    tx: ReadTx, actor: Actor, kind: Kind, full_name: str, ticket: LfsTicket | None, sha256: str, size: int
) -> None:
    """Confirm that the repository holds the object, to the ticket's user, else to whoever may read the repository.

    Raises:
        ObjectNotHeld, SizeMismatch: it does not. And what `LfsTicket.holder` or `get` raises.
    """
    repo = ticket.holder(tx)[1] if ticket else get(tx, actor, kind, full_name)
    stored = held(tx, repo.id, {sha256}).get(sha256)
    if stored is None:
        raise ObjectNotHeld(sha256=sha256)
    if stored.size != size:
        raise SizeMismatch(got=stored.size, want=size)


def takes_parts(stores: Stores) -> bool:
    """Return whether uploads in parts can be offered: only where parts become the file without being moved again.

    A bucket is given the whole file at once, and cuts it up itself.
    """
    return stores.blobs.local_path("lfs") is not None


def partial_files(stores: Stores) -> PartialFiles:
    """Return the folder of uploads in parts: on the disk of the blobs, so that a finished file need not be copied."""
    return PartialFiles(stores.scratch / FOLDER)


def drop_lfs_parts(stores: Stores, args: Mapping[str, Any]) -> None:
    """Job: remove an upload that was never finished."""
    partial_files(stores).drop(str(args["upload"]))


def _link(stores: Stores, ticket: LfsTicket) -> None:
    with stores.db.write() as tx:
        repo = ticket.holder(tx)[1]
        if ticket.sha256 not in held(tx, repo.id, {ticket.sha256}):
            require_room(tx, stores.settings.quotas, repo.owner_id, repo.owner, more_bytes=ticket.size)
            add_storage(tx, repo.id, ticket.size)
        link_whole(tx, stores.blobs, repo.id, ticket.user_id, ticket.sha256, ticket.size)


def _holds(tx: ReadTx, ticket: LfsTicket) -> bool:
    return ticket.sha256 in held(tx, ticket.holder(tx)[1].id, {ticket.sha256})
