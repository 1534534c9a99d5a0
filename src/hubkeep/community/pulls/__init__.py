"""What people propose: pull requests, which are discussions with a ref of their own."""

from hubkeep.community.pulls.delete_ref import delete_ref as delete_ref
from hubkeep.community.pulls.details import changes as changes
from hubkeep.community.pulls.details import commits as commits
from hubkeep.community.pulls.details import details as details
from hubkeep.community.pulls.details import pull_diff as pull_diff
from hubkeep.community.pulls.details import storage as storage
from hubkeep.community.pulls.errors import MergeConflict as MergeConflict
from hubkeep.community.pulls.errors import NotAPullRequest as NotAPullRequest
from hubkeep.community.pulls.errors import NotMergeable as NotMergeable
from hubkeep.community.pulls.follow import on_push as on_push
from hubkeep.community.pulls.merge import merge as merge
from hubkeep.community.pulls.open_pull import open_draft as open_draft
from hubkeep.community.pulls.open_pull import open_with_commit as open_with_commit
from hubkeep.community.pulls.open_pull import require_opener as require_opener
from hubkeep.community.pulls.results import HANDLERS as HANDLERS
from hubkeep.community.pulls.results import notice_push as notice_push
from hubkeep.community.pulls.results import results_of_pulls as results_of_pulls
from hubkeep.community.pulls.types import ChangedFile as ChangedFile
from hubkeep.community.pulls.types import Changes as Changes
from hubkeep.community.pulls.types import Opened as Opened
from hubkeep.community.pulls.types import PullDetails as PullDetails
