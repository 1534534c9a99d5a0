"""What people like."""

from hubkeep.community.likes.carry import CarriedLike as CarriedLike
from hubkeep.community.likes.carry import carry_in as carry_in
from hubkeep.community.likes.carry import carry_out as carry_out
from hubkeep.community.likes.like import like as like
from hubkeep.community.likes.lists import PAGE as PAGE
from hubkeep.community.likes.lists import count_liked as count_liked
from hubkeep.community.likes.lists import liked as liked
from hubkeep.community.likes.lists import liked_among as liked_among
from hubkeep.community.likes.lists import likers as likers
from hubkeep.community.likes.types import Liked as Liked
from hubkeep.community.likes.types import LikedPage as LikedPage
from hubkeep.community.likes.types import Liker as Liker
from hubkeep.community.likes.types import Likers as Likers
