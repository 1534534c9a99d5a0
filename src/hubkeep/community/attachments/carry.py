"""Attachments on their way to another hub: they keep their names, which are all that is needed to see them."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from hubkeep.accounts import add_other_bytes
from hubkeep.community.attachments.errors import WrongMedia
from hubkeep.community.attachments.keep import HEAD_BYTES, blob_key
from hubkeep.community.attachments.tables import attachments
from hubkeep.community.attachments.types import Media
from hubkeep.kit import BadInput, ReadTx, WriteTx
from hubkeep.kit.tables import insert_missing
from hubkeep.repos import Stores
from hubkeep.storage import BlobNotFound

BATCH = 500
NAME = re.compile(r"[0-9a-f]{32}\.[a-z0-9]{2,4}")
_IN_TEXT = re.compile(r"/uploads/([0-9a-f]{32}\.[a-z0-9]{2,4})\b")


@dataclass(frozen=True)
class CarriedFile:
    """An attachment as it travels. `user_id`: who attached it."""

    name: str
    user_id: int
    media: str
    size: int
    at: datetime


def named_in(texts: Iterable[str]) -> set[str]:
    """Return the names of all attachments that texts show."""
    return {name for text in texts for name in _IN_TEXT.findall(text)}


def carry_out(tx: ReadTx, names: Collection[str]) -> list[CarriedFile]:
    """Return those of the attachments that there are, in the order of their names."""
    wanted, found = sorted(names), []
    for start in range(0, len(wanted), BATCH):
        some = sa.select(attachments).where(attachments.c.name.in_(wanted[start : start + BATCH]))
        found += [
            CarriedFile(row.name, row.user_id, row.media, row.size, row.at) for row in tx.sql.execute(some)
        ]
    return sorted(found, key=lambda one: one.name)


def keep_carried(stores: Stores, carried: CarriedFile, path: Path) -> None:
    """Move the bytes of an attachment into the store, under the name that it had. Raises WrongMedia, BadInput."""
    media = Media(carried.media)
    if not NAME.fullmatch(carried.name) or not carried.name.endswith(f".{media.ending}"):
        raise BadInput(field="attachments", reason=f"{carried.name[:80]!r} is no name for {media}")
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if carried.size > media.limit or not media.begins(head):
        raise WrongMedia(reason=f"{carried.name} is not {media}")
    stores.blobs.adopt(blob_key(carried.name), path)


def is_kept(stores: Stores, carried: CarriedFile) -> bool:
    """Tell whether the store has the bytes of that name, whosever they are."""
    try:
        stores.blobs.stat(blob_key(carried.name))
    except BlobNotFound:
        return False
    return True


def carry_in(tx: WriteTx, carried: Iterable[CarriedFile]) -> None:
    """Write down attachments whose bytes are kept; a name that is here already stays what it is."""
    for one in carried:
        row = {"name": one.name, "user_id": one.user_id, "media": one.media, "size": one.size, "at": one.at}
        if insert_missing(tx.sql, attachments, [row]):
            add_other_bytes(tx, one.user_id, one.size)
