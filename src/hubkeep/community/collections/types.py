"""What a collection is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hubkeep.accounts import Entity, EntityType, Owner
from hubkeep.repos import Info

# Characters, and numbers of things. Source: hub-platform contract section 4.
MAX_TITLE, MAX_DESCRIPTION, MAX_NOTE = 60, 150, 500
MAX_ITEMS = 1000  # of one collection
MAX_COLLECTIONS = 1000  # of one owner
MAX_IMAGES = 8  # of one item
SHOWN_ITEMS = 4  # in a list. Source: the same


class Theme(StrEnum):
    """Colours of a collection's card."""

    ORANGE = "orange"
    BLUE = "blue"
    GREEN = "green"
    PURPLE = "purple"
    PINK = "pink"
    INDIGO = "indigo"


class ItemKind(StrEnum):
    """What may stand in a collection."""

    MODEL = "model"
    DATASET = "dataset"
    SPACE = "space"
    KERNEL = "kernel"
    PAPER = "paper"
    COLLECTION = "collection"
    BUCKET = "bucket"


class Sort(StrEnum):
    """Orders of a list."""

    MODIFIED = "lastModified"
    TRENDING = "trending"
    UPVOTES = "upvotes"


@dataclass(frozen=True)
class Collection:
    """A named, ordered choice of things. Who may see and change it is decided as for a repository."""

    id: int
    owner_id: int
    creator_id: int | None
    title: str
    description: str
    private: bool
    theme: Theme
    position: int
    upvotes: int
    created_at: datetime
    updated_at: datetime
    resource_group_id: int | None = None

    @property
    def entity(self) -> Entity:
        """What the scopes of fine-grained tokens know it as."""
        return Entity(EntityType.COLLECTION, self.id)


@dataclass(frozen=True)
class Item:
    """Something in a collection; `info` is a repository's, `inner` another collection's, `paper` an arXiv id."""

    id: int
    kind: ItemKind
    position: int
    note: str
    images: tuple[str, ...]
    added_at: datetime
    info: Info | None = None
    inner: "Shown | None" = None
    paper: str = ""


@dataclass(frozen=True)
class Shown:
    """A collection as somebody sees it: without the items that are private to them."""

    collection: Collection
    owner: Owner
    items: Sequence[Item]
    upvoted: bool = False


@dataclass(frozen=True)
class Page:
    """A page of collections; `next` is where the next one starts (sort value and id), None at the end."""

    items: Sequence[Shown]
    next: tuple[str | float, int] | None
