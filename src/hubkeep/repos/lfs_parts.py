"""Take a large object that comes in parts: on the disk of the scratch folder, or in the bucket itself.

In a bucket, parts may go straight there or through the hub; they belong to one upload, and its name is good on every node.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hubkeep.accounts import Actor
from hubkeep.cas import PartialFiles, Plan, UploadGone, held, keep_joined, keep_whole
from hubkeep.kit import Job, WriteTx, now
from hubkeep.repos.lfs_ticket import LfsTicket
from hubkeep.repos.lfs_upload import hold_lfs_upload
from hubkeep.repos.types import Stores
from hubkeep.storage import BlobNotFound, Part, Parts

FOLDER = "multipart"
KIND = "repos.drop_lfs_parts"
MARGIN_SECONDS = 3600  # after its links have ended, an upload may still be being put together
MOST_DAYS = 7  # that an upload may go on: what it takes up counts towards no quota until it is whole


def takes_parts(stores: Stores) -> bool:
    """Return whether uploads in parts can be offered: only where parts become the file without being moved again."""
    return stores.blobs.local_path("lfs") is not None or stores.blobs.parts() is not None


def least_part_bytes(stores: Stores) -> int:
    """Return the fewest bytes of a part, but for the last one."""
    parts = stores.blobs.parts()
    return parts.least if parts else 1


def parts_origin(stores: Stores) -> str:
    """Return where browsers send parts (`https://host`), "" when that is the hub itself."""
    parts = stores.blobs.parts()
    return parts.origin if parts else ""


def begin_lfs_parts(
    stores: Stores, actor: Actor, tickets: Sequence[LfsTicket], part_bytes: int
) -> list[LfsTicket]:
    """Begin uploads in parts of `part_bytes`; for each, leave a job that clears away what comes to nothing."""
    del actor
    parts, files = stores.blobs.parts(), partial_files(stores)
    begun = [
        replace(ticket, part_bytes=part_bytes, upload=parts.begin() if parts else files.begin(ticket.size))
        for ticket in tickets
    ]
    with stores.db.write() as tx:
        for ticket in begun:
            _clear_later(tx, ticket.upload, _life(stores), now() + timedelta(days=MOST_DAYS))
    return begun


def part_links(stores: Stores, ticket: LfsTicket, seconds: int) -> list[str] | None:
    """Return one address in the bucket for each part, None when parts go through the hub."""
    parts, plan = stores.blobs.parts(), Plan(ticket.size, ticket.part_bytes)
    if parts is None:
        return None
    return parts.links(ticket.upload, [plan.place(number)[1] for number in range(1, plan.count + 1)], seconds)


def received_lfs_parts(stores: Stores, actor: Actor, ticket: LfsTicket) -> list[Part]:
    """Return the parts that are there, in order: what a client that was cut off need not send again.

    Raises:
        UploadGone: it is over. And what `LfsTicket.holder` raises.
    """
    del actor  # the ticket says who
    with stores.db.read() as tx:
        ticket.holder(tx)
    return _received(stores, ticket.upload)


def pass_lfs_part(stores: Stores, actor: Actor, ticket: LfsTicket, number: int, path: Path) -> str:
    """Send a received part on to the bucket; return its tag. Raises UploadGone."""
    del actor
    parts = _in_store(stores)
    try:
        with path.open("rb") as body:
            return parts.send(ticket.upload, number, body, path.stat().st_size)
    except BlobNotFound:
        raise UploadGone from None


def finish_lfs_parts(stores: Stores, actor: Actor, ticket: LfsTicket, tags: Mapping[int, str]) -> None:
    """Put the parts together and let the repository hold the object. Repeating is no error.

    Raises:
        UploadGone, PartsMissing, PartsRefused, DigestMismatch: see `PartialFiles.finish` and `keep_joined`.
        And what `LfsTicket.holder` raises.
    """
    del actor
    try:
        if stores.blobs.parts():
            _finish_in_store(stores, ticket, tags)
        else:
            _finish_on_disk(stores, ticket, tags)
    except (UploadGone, BlobNotFound):
        with stores.db.read() as tx:
            if ticket.sha256 not in held(tx, ticket.holder(tx)[1].id, {ticket.sha256}):
                raise UploadGone from None


def drop_lfs_parts(stores: Stores, args: Mapping[str, Any]) -> None:
    """Job: remove an upload that was never finished, once nothing was added to it for as long as its links live.

    It ends after MOST_DAYS, whatever is added: parts that keep coming would take up room for ever.
    """
    upload, end = str(args["upload"]), datetime.fromisoformat(args["end"])
    try:
        idle = _went_on(stores, upload) + timedelta(seconds=_life(stores))
        rest = (min(idle, end) - now()).total_seconds()
    except UploadGone:
        rest = 0
    if rest > 0:
        with stores.db.write() as tx:
            _clear_later(tx, upload, rest, end)
    elif (parts := stores.blobs.parts()) is not None:
        parts.drop(upload)
    else:
        partial_files(stores).drop(upload)


def partial_files(stores: Stores) -> PartialFiles:
    """Return the folder of uploads in parts: on the disk of the blobs, so that a finished file need not be copied."""
    return PartialFiles(stores.scratch / FOLDER)


def _finish_in_store(stores: Stores, ticket: LfsTicket, tags: Mapping[int, str]) -> None:
    with stores.db.read() as tx:
        ticket.holder(tx)  # before a long read
    parts, plan = _in_store(stores), Plan(ticket.size, ticket.part_bytes)
    if plan.count:
        keep_joined(parts, ticket.upload, plan, tags, ticket.sha256)
    else:  # no store puts nothing together
        empty = stores.scratch / ticket.upload.partition(".")[0]
        empty.touch()
        keep_whole(stores.blobs, empty)
        parts.drop(ticket.upload)
    hold_lfs_upload(stores, ticket)


def _finish_on_disk(stores: Stores, ticket: LfsTicket, tags: Mapping[int, str]) -> None:
    plan = Plan(ticket.size, ticket.part_bytes)
    with partial_files(stores).finish(ticket.upload, plan, tags, ticket.sha256) as path:
        keep_whole(stores.blobs, path, ticket.sha256)
        hold_lfs_upload(stores, ticket)


def _received(stores: Stores, upload: str) -> list[Part]:
    parts = stores.blobs.parts()
    if parts is None:
        return partial_files(stores).received(upload)
    try:
        return parts.received(upload)
    except BlobNotFound:
        raise UploadGone from None


def _went_on(stores: Stores, upload: str) -> datetime:
    if stores.blobs.parts() is None:
        return partial_files(stores).begun(upload)
    return max((part.modified for part in _received(stores, upload)), default=now() - timedelta(days=365))


def _in_store(stores: Stores) -> Parts:
    parts = stores.blobs.parts()
    if parts is None:
        raise UploadGone  # begun before the hub changed its store
    return parts


def _clear_later(tx: WriteTx, upload: str, seconds: float, end: datetime) -> None:
    tx.enqueue(Job(KIND, {"upload": upload, "end": end.isoformat()}, delay=seconds))


def _life(stores: Stores) -> int:
    return stores.settings.lfs.link_seconds + MARGIN_SECONDS
