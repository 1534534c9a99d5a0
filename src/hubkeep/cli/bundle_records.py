"""The records of a bundle: one model per record, which says every field, its limits, and who is somebody.

Rooms call the same fields by the same names (`bundle_people`): a field is added here and in its room, and nowhere between.
"""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from hubkeep.accounts import OwnerKind, Role
from hubkeep.cli.bundle_people import Name, Theirs, Who, person
from hubkeep.community.attachments import Media
from hubkeep.community.collections import MAX_DESCRIPTION, MAX_NOTE, MAX_TITLE, ItemKind, Theme
from hubkeep.community.discussions import EventType, HideReason, Reaction, Sorting, Status
from hubkeep.community.webhooks import Domain
from hubkeep.repos import AccessStatus, Kind

MAX_REPOS = 100_000
MAX_PEOPLE = 1_000_000

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Oid = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
Size = Annotated[int, Field(ge=0, le=1 << 50)]
Moment = AwareDatetime


class Record(BaseModel):
    """Part of a bundle: every field is known, and none is changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# Of the manifest ------------------------------------------------------------------------------------------------


class FileFacts(Record):
    """A file of the bundle."""

    bytes: Size
    sha256: Sha256


class AboutFacts(Record):
    """What a person tells everybody."""

    details: Annotated[str, Field(max_length=2000)] = ""
    website: Annotated[str, Field(max_length=255)] = ""
    socials: Annotated[
        dict[Annotated[str, Field(max_length=20)], Annotated[str, Field(max_length=255)]],
        Field(max_length=20),
    ] = {}


class ProfileFacts(Record):
    """What an organization tells everybody."""

    details: Annotated[str, Field(max_length=500)] = ""
    website: Annotated[str, Field(max_length=255)] = ""
    github: Annotated[str, Field(max_length=100)] = ""
    twitter: Annotated[str, Field(max_length=100)] = ""
    linkedin: Annotated[str, Field(max_length=100)] = ""
    members_hidden: bool = False


class AutoJoinFacts(Record):
    """What those who join an organization get in a resource group."""

    role: Role
    scope: Literal["all", "read_plus"]


class GroupFacts(Record):
    """A resource group of an organization."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    created_at: Moment
    description: Annotated[str, Field(max_length=500)] = ""
    auto_join: AutoJoinFacts | None = None
    members: dict[Name, Role] = {}


class OwnerFacts(Record):
    """A user or an organization. `programs` are service accounts, and what they are for; `picture` is a file of the bundle."""

    name: Name
    kind: OwnerKind
    fullname: Annotated[str, Field(max_length=255)] = ""
    created_at: Moment | None = None
    picture: FileFacts | None = None
    about: AboutFacts | None = None
    members: dict[Name, Role] = {}
    profile: ProfileFacts | None = None
    groups: Annotated[list[GroupFacts], Field(max_length=500)] = []
    programs: Annotated[dict[Name, Annotated[str, Field(max_length=500)]], Field(max_length=100)] = {}


class RepoEntry(Record):
    """A repository of the bundle, and what its folder holds."""

    kind: Kind
    owner: Name
    name: Name
    folder: Annotated[str, Field(pattern=r"^[0-9]{4,6}$")]
    files: dict[Literal["repo.json", "history.bundle", "discussions.ndjson"], FileFacts]

    @property
    def full_name(self) -> str:
        """`datasets/owner/name`."""
        return f"{self.kind.prefix}{self.owner}/{self.name}"


class BundleManifest(Record):
    """What a bundle says of itself. `blobs` and `bytes` are those of large files; `around` is what stands around its owners."""

    format: int
    kind: Literal["hubkeep-bundle"]
    hubkeep: Annotated[str, Field(max_length=100)]
    made_at: Moment
    source: Annotated[str, Field(max_length=500)]
    owners: Annotated[list[OwnerFacts], Field(max_length=MAX_PEOPLE)]
    repos: Annotated[list[RepoEntry], Field(max_length=MAX_REPOS)]
    around: FileFacts | None
    blobs: Size
    bytes: Size


# Of a repository ------------------------------------------------------------------------------------------------


class AccessFacts(Record):
    """Somebody who asked at a gate, or was let in."""

    user: Who = person("user_id")
    status: AccessStatus
    answers: Annotated[
        dict[Annotated[str, Field(max_length=200)], Annotated[str, Field(max_length=4000)]],
        Field(max_length=100),
    ] = {}
    asked_at: Moment
    reviewed_at: Moment | None = None
    granted: bool = False
    reason: Annotated[str, Field(max_length=200)] = ""


class LikeFacts(Record):
    """Somebody who likes a repository, votes for a collection, or follows an owner."""

    user: Who = person("user_id")
    at: Moment


class WatchFacts(Record):
    """Somebody who watches a repository or an owner, or muted it."""

    user: Who = person("user_id")
    listens: bool


class DayFacts(Record):
    """What was counted on one day, days since the year 1."""

    day: Annotated[int, Field(ge=1, le=3_652_059)]
    downloads: Annotated[int, Field(ge=0, le=1 << 50)]
    likes: Annotated[int, Field(ge=-MAX_PEOPLE, le=MAX_PEOPLE)]


class AttachmentFacts(Record):
    """A picture, film or sound in a comment."""

    name: Annotated[str, Field(pattern=r"^[0-9a-f]{32}\.[a-z0-9]{2,4}$")]
    user: Who = person("user_id")
    media: Media
    size: Annotated[int, Field(ge=0, le=1 << 30)]
    at: Moment
    sha256: Sha256


class RepoFacts(Record):
    """What a repository is, and who cares. `large` maps sha256 to size."""

    kind: Kind
    owner: Name
    name: Name
    private: bool
    gated: Literal["", "auto", "manual"]
    disabled: bool
    sdk: Annotated[str, Field(max_length=32)] | None
    default_branch: Annotated[str, Field(min_length=1, max_length=255)]
    resource_group: Annotated[str, Field(max_length=200)] = ""
    creator: Who = person("creator_id", None)
    created_at: Moment
    last_modified: Moment
    discussions_off: bool = False
    discussions_sorting: Sorting = Sorting.RECENT
    large: dict[Sha256, Size] = {}
    members_gated: bool = False
    access: Annotated[list[AccessFacts], *Theirs, Field(max_length=MAX_PEOPLE)] = []
    likes: Annotated[list[LikeFacts], *Theirs, Field(max_length=MAX_PEOPLE)] = []
    watches: Annotated[list[WatchFacts], *Theirs, Field(max_length=MAX_PEOPLE)] = []
    attachments: Annotated[list[AttachmentFacts], Field(max_length=100_000)] = []
    former_names: Annotated[
        list[Annotated[str, Field(pattern=r"^[^/\s]{1,96}/[^/\s]{1,96}$")]], Field(max_length=10_000)
    ] = []
    downloads_all_time: Annotated[int, Field(ge=0, le=1 << 50)] = 0
    days: Annotated[list[DayFacts], Field(max_length=100)] = []


# Of a discussion ------------------------------------------------------------------------------------------------


class TextFacts(Record):
    """What a comment said at some time."""

    raw: Annotated[str, Field(max_length=1 << 20)]
    at: Moment
    user: Who = person("user_id", None)


class ReactionFacts(Record):
    """Somebody's reaction to a comment."""

    reaction: Reaction
    user: Who = person("user_id")
    at: Moment


class SaidFacts(Record):
    """A comment."""

    now: TextFacts
    edits: Annotated[int, Field(ge=0, le=100_000)] = 0
    hidden: bool = False
    hidden_by: Who = None
    hidden_reason: HideReason | None = None
    before: list[TextFacts] = []
    reactions: Annotated[list[ReactionFacts], *Theirs] = []


class DeedFacts(Record):
    """An event of a discussion. What it tells are words, never numbers of a hub."""

    type: EventType
    at: Moment
    user: Who = person("user_id", None)
    data: dict[Annotated[str, Field(max_length=64)], str | int | bool | None]
    said: SaidFacts | None


class ListenerFacts(Record):
    """Somebody who takes part in a discussion."""

    user: Who = person("user_id")
    muted: bool
    since: Moment


class ReferenceFacts(Record):
    """An event, by its place, that speaks of another discussion of the repository."""

    num: Annotated[int, Field(ge=1, le=(1 << 31) - 1)]
    deed: Annotated[int, Field(ge=0)]


class TalkFacts(Record):
    """A discussion, or a pull request when `base_ref` is there."""

    num: Annotated[int, Field(ge=1, le=(1 << 31) - 1)]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    status: Status
    author: Who = person("author_id", None)
    pinned: bool
    locked: bool
    created_at: Moment
    updated_at: Moment
    deeds: Annotated[list[DeedFacts], Field(min_length=1)]
    listeners: Annotated[list[ListenerFacts], *Theirs] = []
    references: list[ReferenceFacts] = []
    base_ref: Annotated[str, Field(max_length=512)] | None
    head_oid: Oid | None
    merged_onto: Oid | None
    merge_oid: Oid | None
    ref_deleted: bool


# Around an owner ------------------------------------------------------------------------------------------------


class ItemFacts(Record):
    """Something in a collection."""

    kind: ItemKind
    name: Annotated[str, Field(min_length=1, max_length=200)]
    note: Annotated[str, Field(max_length=MAX_NOTE)] = ""
    images: Annotated[list[Annotated[str, Field(max_length=500)]], Field(max_length=8)] = []
    added_at: Moment


class CollectionFacts(Record):
    """A collection."""

    title: Annotated[str, Field(min_length=1, max_length=MAX_TITLE)]
    description: Annotated[str, Field(max_length=MAX_DESCRIPTION)] = ""
    private: bool
    theme: Theme
    creator: Who = person("creator_id", None)
    group: Annotated[str, Field(max_length=200)] = ""
    created_at: Moment
    updated_at: Moment
    items: Annotated[list[ItemFacts], Field(max_length=1000)] = []
    votes: Annotated[list[LikeFacts], *Theirs, Field(max_length=MAX_PEOPLE)] = []


class WatchedFacts(Record):
    """What a webhook watches."""

    kind: Annotated[str, Field(max_length=16)]
    name: Annotated[str, Field(max_length=200)]


class HookFacts(Record):
    """Somebody's webhook; `secret` only where it was asked for."""

    user: Who = person("user_id")
    url: Annotated[str, Field(max_length=2000)]
    domains: Annotated[list[Domain], Field(min_length=1, max_length=10)]
    created_at: Moment
    watched: Annotated[list[WatchedFacts], Field(max_length=100)]
    secret: Annotated[str, Field(max_length=200)] = ""


class AroundFacts(Record):
    """What stands around an owner who is in the bundle with all they have."""

    owner: Name
    followers: Annotated[list[LikeFacts], *Theirs, Field(max_length=MAX_PEOPLE)] = []
    watches: Annotated[list[WatchFacts], *Theirs, Field(max_length=MAX_PEOPLE)] = []
    collections: Annotated[list[CollectionFacts], Field(max_length=1000)] = []
    webhooks: Annotated[list[HookFacts], *Theirs, Field(max_length=100_000)] = []
