"""Take in a xorb: every byte is checked while it arrives, then it is stored, then it has a row."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from hubkeep.cas.errors import BadXorb, BytesGone
from hubkeep.cas.queries import insert_new, naming
from hubkeep.cas.tables import xorb_uploads, xorbs
from hubkeep.cas.xorb_format import XorbCheck, XorbTable
from hubkeep.cas.xorbs import body_name, xorb_key
from hubkeep.kit import Database, WriteTx, now
from hubkeep.storage import BlobNotFound, Blobs


class XorbUpload:
    """A xorb on its way in: a file in `scratch` that is gone when the block ends. Feed it from threads, one at a time."""

    def __init__(self, scratch: Path, name: str) -> None:
        self._name, self._check = name, XorbCheck()
        handle, path = tempfile.mkstemp(dir=scratch, prefix="xorb-")
        self.path, self._file = Path(path), os.fdopen(handle, "wb", buffering=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, blocks: Sequence[bytes]) -> None:
        """Check and write the next bytes. Raises BadXorb."""
        rest = self._check.feed(b"".join(blocks))
        while rest:
            rest = rest[self._file.write(rest) :]

    def finish(self) -> XorbTable:
        """Return what the complete xorb has in it. Raises BadXorb: also when its hash is not its name."""
        table = self._check.finish()
        if table.hash != self._name:
            raise BadXorb(reason=f"its content has the hash {table.hash}, not {self._name}")
        self._file.close()
        return table

    def close(self) -> None:
        """Close and remove the file, unless it was moved away."""
        self._file.close()
        self.path.unlink(missing_ok=True)


def keep_xorb(db: Database, blobs: Blobs, path: Path, table: XorbTable) -> None:
    """Store the checked body, unless the hub has one for this hash; hold no transaction meanwhile."""
    with db.read() as tx:
        known = tx.sql.execute(sa.select(xorbs.c.id).where(xorbs.c.hash == table.hash)).first()
    if known is None:
        blobs.adopt(xorb_key(table.hash, body_name(table.ends)), path)


def note_xorb(tx: WriteTx, blobs: Blobs, user_id: int, table: XorbTable) -> bool:
    """Note the stored xorb and that this user had its bytes; True when the user had not sent it before.

    Whether the hub had it from somebody else is nobody's business.

    Raises:
        BytesGone: it was collected since `keep_xorb`.
    """
    naming(tx)
    body = body_name(table.ends)
    row = {"hash": table.hash, "body": body, "ends": table.ends, "hashes": table.hashes, "created_at": now()}
    mine = {**row, "bytes": table.body_bytes, "size": table.content_bytes}
    is_new = insert_new(tx, xorbs, [mine])
    known = tx.sql.execute(sa.select(xorbs.c.id).where(xorbs.c.hash == table.hash)).scalar_one()
    if is_new and not _is_there(blobs, xorb_key(table.hash, body)):
        raise BytesGone(what=f"xorb {table.hash}")
    tx.sql.execute(sa.update(xorbs).where(xorbs.c.id == known).values(idle_since=None))
    return bool(insert_new(tx, xorb_uploads, [{"xorb_id": known, "user_id": user_id, "at": now()}]))


def _is_there(blobs: Blobs, key: str) -> bool:
    try:
        blobs.stat(key)
    except BlobNotFound:
        return False
    return True
