"""The pages of a user or an organization: repositories, collections, deeds, likes, and who follows whom."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from starlette.routing import Route

from hubkeep import accounts, repos, search
from hubkeep.accounts import About, Actor, OwnerKind, OwnerNotFound, Profile, orgs
from hubkeep.accounts.orgs import Invitation, OrgProfile
from hubkeep.community import activity, collections, follows, likes
from hubkeep.community.follows import Totals
from hubkeep.kit import BadInput, ReadTx
from hubkeep.repos import Info, Kind
from hubkeep.search import Query
from hubkeep.web import card, urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form, shows
from hubkeep.web.ids import place

SHOWN = 10
SHOWN_COLLECTIONS = 4
PEOPLE, LIKES = 60, 30
Tab = Callable[[ReadTx, Actor, Asked, "Face"], Answer]


@dataclass(frozen=True)
class Face:
    """What every page of an owner shows: who they are, how many follow them, and what the viewer may do."""

    profile: Profile
    totals: Totals
    tab: str
    is_org: bool
    is_me: bool
    known: bool
    may_create: bool
    may_manage: bool
    org: OrgProfile | None = None  # what an organization says of itself
    about: About | None = None  # what a person does
    members: int = 0  # of an organization, as far as the viewer may know
    hides: bool = False  # who is in the organization, from the viewer
    invitation: Invitation | None = None  # of the viewer, to this organization

    @property
    def url(self) -> str:
        """The owner's page."""
        return urls.owner_url(self.profile.owner.name)


def face_of(tx: ReadTx, actor: Actor, name: str, tab: str) -> Face:
    """Look at an owner. Raises OwnerNotFound."""
    found = accounts.profile(tx, actor, name)
    owner = found.owner
    face = Face(
        profile=found,
        totals=follows.totals(tx, actor, owner.id),
        tab=tab,
        is_org=owner.kind is OwnerKind.ORG,
        is_me=actor.user_id == owner.id,
        known=not actor.anonymous,
        may_create=accounts.may_create(actor, owner.id),
        may_manage=actor.is_admin or actor.roles.get(owner.id) is accounts.Role.ADMIN,
    )
    return _org_face(tx, actor, face) if face.is_org else replace(face, about=accounts.about(tx, owner.id))


def _org_face(tx: ReadTx, actor: Actor, face: Face) -> Face:
    org_id = face.profile.owner.id
    said = orgs.org_profile(tx, org_id)
    hides = said.members_hidden and not orgs.is_member(actor, org_id)
    mine = [] if actor.anonymous else orgs.my_invitations(tx, actor)
    return replace(
        face,
        org=said,
        hides=hides,
        members=0 if hides else orgs.count_members(tx, org_id),
        invitation=next((one for one in mine if one.org.id == org_id), None),
    )


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show an owner's repositories by kind, those changed last first, and a few of their collections."""
    name = asked.params["owner"]
    face = face_of(tx, actor, name, "repos")
    owner = face.profile.owner
    if owner.name != name:
        return Redirect(urls.owner_url(owner.name), 307)
    groups: list[tuple[Kind, list[Info], str]] = []
    for kind in Kind:
        query = Query(kind, author=owner.name, sort="lastModified", limit=SHOWN)
        listing = search.listing(tx, actor, query)
        more = urls.with_query(f"/{kind.plural}", author=owner.name) if listing.next is not None else ""
        if listing.items:
            groups.append((kind, listing.items, more))
    some = collections.Query(owners=[owner.name], limit=SHOWN_COLLECTIONS)
    facts = {
        "face": face,
        "card": _org_card(tx, actor, asked, owner.name) if face.is_org else None,
        "profile": face.profile,
        "is_org": face.is_org,
        "groups": groups,
        "collections": collections.list_collections(tx, actor, some),
        "hub_url": asked.hub.url,
    }
    return Page("pages/profile.html", facts)


def _org_card(tx: ReadTx, actor: Actor, asked: Asked, name: str) -> card.Card | None:
    """Return the card of an organization: that of its Space called README, when it has one that the viewer may see."""
    full_name = f"{name}/README"
    try:
        with repos.snapshot(tx, actor, asked.hub.stores, Kind.SPACE, full_name, None, names_only=True) as at:
            return card.card_at(at, card.README, at.repo.default_branch)
    except (repos.RepoNotFound, repos.RepoMoved, repos.RepoDisabled, repos.RevisionNotFound):
        return None


async def act(asked: Asked) -> Redirect:
    """Follow the owner, or not any longer."""
    if asked.value("do") not in ("follow", "unfollow"):
        raise BadInput(field="do", reason="must be follow or unfollow")
    on = asked.value("do") == "follow"
    owner = await asked.hub.write(follows.follow, asked.caller, asked.params["owner"], on=on)
    return Redirect(urls.owner_url(owner.name))


def tab(name: str, view: Tab, tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show one tab of an owner's page; a model of that very name comes first: its address is the same."""
    owner = asked.params["owner"]
    if repos.by_name(tx, Kind.MODEL, f"{owner}/{name}") is not None:
        there = {"kind": Kind.MODEL, "ns": owner, "name": name}
        with suppress(repos.RepoNotFound):  # a private one is not there: the tab is
            return card.show(tx, actor, replace(asked, params=there))
    face = face_of(tx, actor, owner, name)
    if face.profile.owner.name != owner:
        return Redirect(f"{face.url}/{name}", 307)
    return view(tx, actor, asked, face)


def deeds(tx: ReadTx, actor: Actor, asked: Asked, face: Face) -> Page:
    """Show what a person did, or what was done to an organization's repositories."""
    after = place(asked.query.get("after", ""), "after")
    feed = activity.of_owner(tx, actor, face.profile.owner.name, after=after)
    return Page("pages/owner_activity.html", _paged(face, "activity", feed.items, feed.next, after))


def liked(tx: ReadTx, actor: Actor, asked: Asked, face: Face) -> Page:
    """Show what a person likes."""
    if face.is_org:
        raise OwnerNotFound(name=f"{face.profile.owner.name}/likes")
    after = place(asked.query.get("after", ""), "after")
    found = likes.liked(tx, actor, face.profile.owner.name, after=after, limit=LIKES)
    return Page("pages/owner_likes.html", _paged(face, "likes", found.items, found.next, after))


def followers(tx: ReadTx, actor: Actor, asked: Asked, face: Face) -> Page:
    """Show who follows."""
    after = place(asked.query.get("after", ""), "after")
    found = follows.followers(tx, actor, face.profile.owner.name, after=after, limit=PEOPLE)
    return Page("pages/owner_people.html", _paged(face, "followers", found.items, found.next, after))


def following(tx: ReadTx, actor: Actor, asked: Asked, face: Face) -> Page:
    """Show whom a person follows."""
    if face.is_org:
        raise OwnerNotFound(name=f"{face.profile.owner.name}/following")
    after = place(asked.query.get("after", ""), "after")
    found = follows.following(tx, actor, face.profile.owner.name, after=after, limit=PEOPLE)
    return Page("pages/owner_people.html", _paged(face, "following", found.items, found.next, after))


def members(tx: ReadTx, actor: Actor, asked: Asked, face: Face) -> Page:
    """Show who is in an organization."""
    if not face.is_org:
        raise OwnerNotFound(name=f"{face.profile.owner.name}/members")
    after = asked.query.get("after", "")[:96].lower()
    found = orgs.list_members(tx, actor, face.profile.owner.name, after=after or None, limit=PEOPLE)
    here = f"{face.url}/members"
    facts = {
        "face": face,
        "items": found.items,
        "next": urls.with_query(here, after=found.next) if found.next else "",
        "first": here if after else "",
    }
    return Page("pages/owner_members.html", facts)


def kept(tx: ReadTx, actor: Actor, asked: Asked, face: Face) -> Page:
    """Show an owner's collections."""
    query = collections.Query(owners=[face.profile.owner.name], limit=collections.PAGE)
    found = collections.list_collections(tx, actor, query)
    del asked
    return Page("pages/owner_collections.html", {"face": face, "collections": found.items})


def of_kind(kind: Kind, tx: ReadTx, actor: Actor, asked: Asked, face: Face) -> Answer:
    """Lead to the list of an owner's repositories of one kind."""
    del tx, actor, asked
    return Redirect(urls.with_query(f"/{kind.plural}", author=face.profile.owner.name), 307)


def _paged(face: Face, name: str, items: Any, following: int | None, after: int | None) -> dict[str, Any]:
    here = f"{face.url}/{name}"
    return {
        "face": face,
        "items": items,
        "next": urls.with_query(here, after=str(following)) if following else "",
        "first": here if after else "",
    }


_TABS: dict[str, Tab] = {
    "activity": deeds,
    "likes": liked,
    "followers": followers,
    "following": following,
    "members": members,
    "collections": kept,
    **{kind.plural: partial(of_kind, kind) for kind in Kind},
}
routes = [
    *(
        Route(f"/{{owner:seg}}/{name}", shows(partial(tab, name, view)), methods=["GET"])
        for name, view in _TABS.items()
    ),
    Route("/{owner:seg}", form(show, act), methods=["GET", "POST"]),
]
