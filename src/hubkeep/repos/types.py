"""What a repository is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from hubkeep.accounts import Entity, EntityType
from hubkeep.git import GitCache
from hubkeep.kit import Database, Settings, Signer
from hubkeep.storage import Blobs


class Kind(StrEnum):
    """The kinds of repository; a value, never a copy of code."""

    MODEL = "model"
    DATASET = "dataset"
    SPACE = "space"
    KERNEL = "kernel"

    @property
    def plural(self) -> str:
        """The word in API paths: `/api/{plural}/…`."""
        return f"{self.value}s"

    @property
    def prefix(self) -> str:
        """What stands before `owner/name` in page, resolve and git URLs; nothing for models."""
        return "" if self is Kind.MODEL else f"{self.plural}/"


@dataclass(frozen=True)
class Stores:
    """Everything that keeps bytes or rows, handed to the verbs that move bytes before they write rows."""

    db: Database
    blobs: Blobs
    git: GitCache
    scratch: Path  # finished files are moved from here into the store: same disk as the blobs
    settings: Settings
    signer: Signer


@dataclass(frozen=True)
class Repo:
    """A repository's facts. `full_name` is `owner/name` in canonical case."""

    id: int
    kind: Kind
    owner_id: int
    owner: str
    name: str
    creator_id: int | None
    private: bool
    gated: str  # "", "auto" or "manual"
    disabled: bool
    sdk: str | None  # Spaces only
    default_branch: str
    refs_version: int
    downloads: int
    downloads_all_time: int
    likes: int
    trending: float
    used_storage: int
    created_at: datetime
    last_modified: datetime
    resource_group_id: int | None = None
    members_gated: bool = False  # the gate holds for members of the owning organization, too
    likes_30d: int = 0
    main_size: int = 0  # bytes of the files on the default branch, large files counted in full

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner}/{self.name}"

    @property
    def entity(self) -> Entity:
        """What the scopes of fine-grained tokens know it as."""
        return Entity(EntityType(self.kind.value), self.id)


@dataclass(frozen=True)
class NewRepo:
    """A repository to make. `owner` is a user or organization name; `sdk` is for Spaces; `license` begins its card."""

    kind: Kind
    owner: str
    name: str
    private: bool = False
    sdk: str | None = None
    resource_group_id: int | None = None
    license: str = ""


@dataclass(frozen=True)
class RefUpdate:
    """A ref's move: full name (`refs/heads/main`), expected oid (None: must not exist), new oid (None: delete it).

    `commit_oid` is the commit that `new` leads to, when `new` is an annotated tag.
    """

    name: str
    old: str | None
    new: str | None
    commit_oid: str | None = None


@dataclass(frozen=True)
class Ref:
    """A ref: what it holds and the commit it leads to."""

    name: str
    oid: str
    commit_oid: str
