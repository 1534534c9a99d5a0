"""Objects, trees, packs and refs of a repository known only by number."""

from hubkeep.git.attributes import Attributes as Attributes
from hubkeep.git.attributes import add_lfs_pattern as add_lfs_pattern
from hubkeep.git.cache import GitCache as GitCache
from hubkeep.git.default_attributes import default_attributes as default_attributes
from hubkeep.git.edit_tree import edit_tree as edit_tree
from hubkeep.git.errors import BadPack as BadPack
from hubkeep.git.errors import BadPath as BadPath
from hubkeep.git.errors import GitFailed as GitFailed
from hubkeep.git.errors import ObjectMissing as ObjectMissing
from hubkeep.git.errors import PathConflict as PathConflict
from hubkeep.git.errors import PathNotFound as PathNotFound
from hubkeep.git.ignore import Ignore as Ignore
from hubkeep.git.pack_writer import PackWriter as PackWriter
from hubkeep.git.paths import check_path as check_path
from hubkeep.git.paths import check_ref_name as check_ref_name
from hubkeep.git.reader import Reader as Reader
from hubkeep.git.types import Commit as Commit
from hubkeep.git.types import Delete as Delete
from hubkeep.git.types import Edit as Edit
from hubkeep.git.types import Entry as Entry
from hubkeep.git.types import Pack as Pack
from hubkeep.git.types import PointerAt as PointerAt
from hubkeep.git.types import Put as Put
from hubkeep.git.types import Written as Written
