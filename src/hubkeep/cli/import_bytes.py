"""The bytes of a bundle, on their way into the store: checked while they are copied, under no name until all is well."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from hubkeep import cas
from hubkeep.cli import bundle_format as form
from hubkeep.cli.bundle_format import NotABundle
from hubkeep.cli.bundle_records import AttachmentFacts
from hubkeep.community import attachments
from hubkeep.community.attachments import CarriedFile
from hubkeep.kit import now
from hubkeep.repos import Stores
from hubkeep.storage import BlobNotFound


def keep_blob(stores: Stores, bundle: Path, sha256: str, size: int) -> None:
    """Bring a large file into the store. Raises NotABundle."""
    if size > stores.settings.lfs.max_bytes:
        raise NotABundle(place=sha256, reason=f"is over {stores.settings.lfs.max_bytes:,} bytes")
    if is_kept(stores, sha256, size):
        return
    with _copied(stores, bundle, form.blob_parts(sha256), sha256, size) as aside:
        cas.keep_whole(stores.blobs, aside, sha256)


def keep_upload(stores: Stores, bundle: Path, facts: AttachmentFacts) -> None:
    """Bring an attachment into the store, unless something has that name. Raises NotABundle, WrongMedia, BadInput."""
    carried = CarriedFile(facts.name, 0, facts.media.value, facts.size, facts.at)
    if facts.size > facts.media.limit:
        raise NotABundle(place=facts.name, reason=f"is over {facts.media.limit:,} bytes")
    if attachments.is_kept(stores, carried):
        return
    with _copied(stores, bundle, form.upload_parts(facts.name), facts.sha256, facts.size) as aside:
        attachments.keep_carried(stores, carried, aside)


def is_kept(stores: Stores, sha256: str, size: int) -> bool:
    """Tell whether the store has the file, and will have it still when the repository is made."""
    try:
        found = stores.blobs.stat(cas.blob_key(sha256))
    except BlobNotFound:
        return False
    young = now() - found.modified < timedelta(hours=stores.settings.gc.grace_hours / 2)
    return found.size == size and young


@contextmanager
def _copied(stores: Stores, bundle: Path, parts: tuple[str, ...], sha256: str, size: int) -> Iterator[Path]:
    """Yield a copy of a file of the bundle whose size and sha256 are what they must be. Raises NotABundle."""
    place, aside = bundle.joinpath(*parts), stores.scratch / f"import-{uuid4().hex}"
    try:
        with form.opened(bundle, *parts) as (source, found), aside.open("wb") as target:
            if found != size:
                raise NotABundle(place=place, reason=f"has {found:,} bytes, its repository says {size:,}")
            digest, left = hashlib.sha256(), size
            while left and (piece := source.read(min(form.PIECE_BYTES, left))):
                digest.update(piece)
                target.write(piece)
                left -= len(piece)
            target.flush()
            os.fsync(target.fileno())
        if left or digest.hexdigest() != sha256:
            raise NotABundle(place=place, reason="has other bytes than its name says (sha256)")
        yield aside
    finally:
        aside.unlink(missing_ok=True)
