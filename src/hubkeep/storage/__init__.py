"""Puts bytes somewhere and gets them back: folder, bucket, memory."""

from typing import TYPE_CHECKING

from hubkeep.storage.local import LocalBlobs as LocalBlobs
from hubkeep.storage.memory import MemoryBlobs as MemoryBlobs
from hubkeep.storage.mirror import mirror as mirror
from hubkeep.storage.types import BlobNotFound as BlobNotFound
from hubkeep.storage.types import Blobs as Blobs
from hubkeep.storage.types import DigestMismatch as DigestMismatch
from hubkeep.storage.types import Part as Part
from hubkeep.storage.types import Parts as Parts
from hubkeep.storage.types import PartsRefused as PartsRefused
from hubkeep.storage.types import Stat as Stat
from hubkeep.storage.types import StorageDown as StorageDown

if TYPE_CHECKING:
    from hubkeep.kit.settings import StorageSettings


def bucket_of(settings: "StorageSettings") -> Blobs:
    """Open the bucket that the settings name; the S3 client is loaded only here."""
    from hubkeep.storage.bucket import bucket_of as open_bucket  # noqa: PLC0415  40 ms and 30 MB for most never needed

    return open_bucket(settings)
