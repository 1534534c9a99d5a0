"""What people did lately, for those who follow them."""

from hubkeep.community.activity.feed import MAX_PAGE as MAX_PAGE
from hubkeep.community.activity.feed import PAGE as PAGE
from hubkeep.community.activity.feed import PRUNE as PRUNE
from hubkeep.community.activity.feed import everybody as everybody
from hubkeep.community.activity.feed import following as following
from hubkeep.community.activity.feed import of_owner as of_owner
from hubkeep.community.activity.feed import of_repo as of_repo
from hubkeep.community.activity.feed import prune as prune
from hubkeep.community.activity.follow import subscribe as subscribe
from hubkeep.community.activity.types import Activity as Activity
from hubkeep.community.activity.types import Deed as Deed
from hubkeep.community.activity.types import Feed as Feed

HANDLERS = {PRUNE: prune}
