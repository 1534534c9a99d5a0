"""Large files by content: whole blobs, Xet chunks, xorbs and recipes, who holds them, and their garbage.

Knows numbers and hashes only; whoever calls has decided who may.
"""

from hubkeep.cas.bytes_held import bytes_held as bytes_held
from hubkeep.cas.errors import BytesGone as BytesGone
from hubkeep.cas.link import copy_links as copy_links
from hubkeep.cas.link import drop_repo as drop_repo
from hubkeep.cas.link import held as held
from hubkeep.cas.link import links as links
from hubkeep.cas.link import unlink as unlink
from hubkeep.cas.multipart import PartialFiles as PartialFiles
from hubkeep.cas.multipart import PartsMissing as PartsMissing
from hubkeep.cas.multipart import Plan as Plan
from hubkeep.cas.multipart import UploadGone as UploadGone
from hubkeep.cas.pointers import Pointer as Pointer
from hubkeep.cas.pointers import read_pointer as read_pointer
from hubkeep.cas.pointers import write_pointer as write_pointer
from hubkeep.cas.read import read_range as read_range
from hubkeep.cas.types import Link as Link
from hubkeep.cas.types import StoredObject as StoredObject
from hubkeep.cas.whole import blob_key as blob_key
from hubkeep.cas.whole import keep_whole as keep_whole
from hubkeep.cas.whole import link_whole as link_whole
