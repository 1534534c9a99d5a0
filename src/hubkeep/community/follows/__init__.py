"""Whom people follow."""

from hubkeep.community.follows.carry import CarriedFollower as CarriedFollower
from hubkeep.community.follows.carry import carry_in as carry_in
from hubkeep.community.follows.carry import carry_out as carry_out
from hubkeep.community.follows.events import OwnerFollowed as OwnerFollowed
from hubkeep.community.follows.follow import PAGE as PAGE
from hubkeep.community.follows.follow import Follows as Follows
from hubkeep.community.follows.follow import Totals as Totals
from hubkeep.community.follows.follow import follow as follow
from hubkeep.community.follows.follow import followed_by as followed_by
from hubkeep.community.follows.follow import followers as followers
from hubkeep.community.follows.follow import following as following
from hubkeep.community.follows.follow import totals as totals
from hubkeep.community.follows.overview import Overview as Overview
from hubkeep.community.follows.overview import overview as overview
