"""Large files by content: whole blobs, Xet chunks, xorbs and recipes, who holds them, and their garbage.

Knows numbers and hashes only; whoever calls has decided who may.
"""

from hubkeep.cas.amnesia import make_forget as make_forget
from hubkeep.cas.amnesia import times_forgotten as times_forgotten
from hubkeep.cas.bytes_held import bytes_held as bytes_held
from hubkeep.cas.convert import convert as convert
from hubkeep.cas.dedup import dedup_shard as dedup_shard
from hubkeep.cas.errors import BadShard as BadShard
from hubkeep.cas.errors import BadXorb as BadXorb
from hubkeep.cas.errors import BytesGone as BytesGone
from hubkeep.cas.errors import RangeBeyondEnd as RangeBeyondEnd
from hubkeep.cas.errors import UnknownXorb as UnknownXorb
from hubkeep.cas.errors import XetFileNotFound as XetFileNotFound
from hubkeep.cas.fsck import Damaged as Damaged
from hubkeep.cas.fsck import fsck as fsck
from hubkeep.cas.gc import Collected as Collected
from hubkeep.cas.gc import collect as collect
from hubkeep.cas.hashing import from_hex as from_hex
from hubkeep.cas.joined import keep_joined as keep_joined
from hubkeep.cas.keep_xorb import XorbUpload as XorbUpload
from hubkeep.cas.keep_xorb import keep_xorb as keep_xorb
from hubkeep.cas.keep_xorb import note_xorb as note_xorb
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
from hubkeep.cas.reconstruct import Fetch as Fetch
from hubkeep.cas.reconstruct import Reconstruction as Reconstruction
from hubkeep.cas.reconstruct import reconstruct as reconstruct
from hubkeep.cas.register import prove_files as prove_files
from hubkeep.cas.register import register_files as register_files
from hubkeep.cas.shard_format import MAX_SHARD as MAX_SHARD
from hubkeep.cas.shard_format import read_shard as read_shard
from hubkeep.cas.types import Link as Link
from hubkeep.cas.types import StoredObject as StoredObject
from hubkeep.cas.whole import blob_key as blob_key
from hubkeep.cas.whole import keep_whole as keep_whole
from hubkeep.cas.whole import link_whole as link_whole
from hubkeep.cas.xorb_format import MAX_BODY as MAX_BODY
from hubkeep.cas.xorb_format import MAX_FOOTER as MAX_FOOTER
from hubkeep.cas.xorbs import Xorb as Xorb
from hubkeep.cas.xorbs import read_body as read_body
from hubkeep.cas.xorbs import xorbs_by_id as xorbs_by_id
