"""Take a large object that was announced in a batch, in one piece; confirm that it is there."""

from pathlib import Path

from hubkeep.accounts import Actor
from hubkeep.cas import held, keep_whole, link_whole
from hubkeep.kit import HubError, ReadTx
from hubkeep.repos.get import get
from hubkeep.repos.lfs_ticket import LfsTicket
from hubkeep.repos.quota import add_storage, require_room
from hubkeep.repos.types import Kind, Repo, Stores
from hubkeep.storage import DigestMismatch


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
    hold_lfs_upload(stores, ticket)


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


def hold_lfs_upload(stores: Stores, ticket: LfsTicket) -> None:
    """Let the repository hold an object whose bytes are kept. Raises what `LfsTicket.holder` raises."""
    with stores.db.write() as tx:
        repo = ticket.holder(tx)[1]
        if ticket.sha256 not in held(tx, repo.id, {ticket.sha256}):
            require_room(tx, stores.settings.quotas, repo.owner_id, repo.owner, more_bytes=ticket.size)
            add_storage(tx, repo.id, ticket.size)
        link_whole(tx, stores.blobs, repo.id, ticket.user_id, ticket.sha256, ticket.size)
