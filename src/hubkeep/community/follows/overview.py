"""The numbers of a profile: what somebody has, does and is followed for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hubkeep.accounts import About, Actor, OwnerNotFound, Profile, orgs, owners_known, profile
from hubkeep.accounts import about as about_person
from hubkeep.accounts.orgs import OrgProfile
from hubkeep.community.collections import count_upvoted
from hubkeep.community.discussions import count_opened
from hubkeep.community.follows.follow import Totals, totals
from hubkeep.community.likes import count_liked
from hubkeep.kit import ReadTx
from hubkeep.repos import Kind, count_owned


@dataclass(frozen=True)
class Overview:
    """An owner with their numbers; likes, discussions and votes are for people, `about` and `members` for organizations."""

    profile: Profile
    totals: Totals
    owned: Mapping[Kind, int]
    likes: int = 0
    discussions: int = 0
    upvotes: int = 0
    about: OrgProfile = field(default_factory=OrgProfile)
    person: About = field(default_factory=lambda: About(""))
    members: int = 0


def overview(tx: ReadTx, actor: Actor, name: str, number: int = 0) -> Overview:
    """Return the overview of the owner called `name`, or, when there is none, of the owner with that `number`.

    Raises:
        OwnerNotFound.
    """
    try:
        found = profile(tx, actor, name)
    except OwnerNotFound:
        known = owners_known(tx, [number]).get(number) if number else None
        if known is None:
            raise
        found = profile(tx, actor, known.name)
    owner, user = found.owner, found.user
    shown = Overview(found, totals(tx, actor, owner.id), count_owned(tx, actor, owner.id))
    if user is None:
        about = orgs.org_profile(tx, owner.id)
        counted = not about.members_hidden or orgs.is_member(actor, owner.id)
        return replace(shown, about=about, members=orgs.count_members(tx, owner.id) if counted else 0)
    return replace(
        shown,
        person=about_person(tx, owner.id),
        likes=count_liked(tx, user.id),
        discussions=count_opened(tx, user.id),
        upvotes=count_upvoted(tx, user.id),
    )
