"""Puts bytes somewhere and gets them back: folder, memory."""

from hubkeep.storage.local import LocalBlobs as LocalBlobs
from hubkeep.storage.memory import MemoryBlobs as MemoryBlobs
from hubkeep.storage.types import BlobNotFound as BlobNotFound
from hubkeep.storage.types import Blobs as Blobs
from hubkeep.storage.types import DigestMismatch as DigestMismatch
from hubkeep.storage.types import Stat as Stat
