"""What people say and do around repositories: discussions, pull requests, likes, follows, collections, notifications, webhooks.

Each of these is a small room of its own, opened by its name: `community.discussions.comment(…)`.
"""

from hubkeep.community import attachments as attachments
from hubkeep.community import discussions as discussions
from hubkeep.community import follows as follows
from hubkeep.community import likes as likes
from hubkeep.community import pulls as pulls
from hubkeep.kit import Bus
from hubkeep.repos import RepoPushed


def subscribe(bus: Bus) -> None:
    """Listen to what happens below. Called once, by whoever builds the house."""
    bus.on(RepoPushed, pulls.on_push)
