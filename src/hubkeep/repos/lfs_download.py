"""Find the bytes of a large object that was promised in a batch."""

from dataclasses import dataclass
from pathlib import Path

from hubkeep.accounts import Actor
from hubkeep.cas import StoredObject, held
from hubkeep.kit import ReadTx
from hubkeep.repos.content import place
from hubkeep.repos.lfs_ticket import LfsTicket
from hubkeep.repos.lfs_upload import ObjectNotHeld
from hubkeep.repos.types import Stores


@dataclass(frozen=True)
class LargeContent:
    """A large object and where its bytes are: in a file, behind a link, or (neither) to be read by `read_range`."""

    stored: StoredObject
    local: Path | None
    link: str | None


def lfs_download(tx: ReadTx, actor: Actor, stores: Stores, ticket: LfsTicket, *, body: bool) -> LargeContent:
    """Return the object if the ticket's user may read the repository now. With `body` False, no link is made.

    Raises:
        ObjectNotHeld: the repository gave it up meanwhile. And what `LfsTicket.holder` raises.
    """
    del actor  # the ticket says who
    repo = ticket.holder(tx)[1]
    stored = held(tx, repo.id, {ticket.sha256}).get(ticket.sha256)
    if stored is None:
        raise ObjectNotHeld(sha256=ticket.sha256)
    return LargeContent(stored, *place(stores, stored, None, body=body))
