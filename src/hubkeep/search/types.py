"""What can be asked, and what is found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from hubkeep.accounts import Owner
from hubkeep.repos import Info, Kind

MAX_LIMIT = 1000  # Source: hub-core contract 2.7


class Order(StrEnum):
    """The orders in which repositories can be listed, best first. The value names a column and an index."""

    TRENDING = "trending"
    DOWNLOADS = "downloads"
    LIKES = "likes"
    LIKES_30D = "likes_30d"
    CREATED = "created"
    MODIFIED = "modified"
    AMOUNT = "amount"  # a model's weights, a dataset's rows
    SIZE = "size"  # bytes on the main branch


@dataclass(frozen=True)
class Query:
    """What to list. Everything given must hold.

    `search` are texts to find in `owner/name` (and a Space's title), in any case; `tags` must all be there. `parameters` are
    the least and most number of weights, inclusive. `models`, `datasets` and `linked` are for Spaces: what they use.
    `served` asks for models that an inference provider serves now, `evaluated` for models with a result on a dataset. `after` is where the page before ended.
    """

    kind: Kind
    search: Sequence[str] = ()
    author: str | None = None
    tags: Sequence[str] = ()
    task: str | None = None
    apps: Sequence[str] = ()
    gated: bool | None = None
    parameters: tuple[int | None, int | None] | None = None
    models: Sequence[str] = ()
    datasets: Sequence[str] = ()
    linked: bool = False
    evaluated: str | None = None
    served: bool = False
    sort: str = "trendingScore"
    ascending: bool = False
    limit: int = MAX_LIMIT
    after: int | None = None


@dataclass(frozen=True)
class Listing:
    """A page, and where the next one starts; None at the end."""

    items: list[Info]
    next: int | None


@dataclass(frozen=True)
class Feature:
    """Something a repository has that can be asked for.

    `name` is `tag/license:mit`, `task/fill-mask`, `app/vllm` and the like.

    `type` is the group it is shown in, `label` its id as it was written: `license:mit`, `fill-mask`, `vllm`.
    """

    name: str
    type: str
    label: str


@dataclass(frozen=True)
class Document:
    """A repository as the index knows it. `name` holds the lower-case texts that a search looks into, one a line."""

    repo_id: int
    kind: Kind
    owner_id: int
    private: bool
    resource_group_id: int | None
    name: str
    features: Sequence[Feature]
    parameters: int
    keys: Mapping[Order, int]  # where it stands in each order, see `places.py`


@dataclass(frozen=True)
class Match:
    """A boolean question to the index: every group must hold, one word of a group is enough.

    `words` are without the scope that `words.py` puts before them; one that ends in `*` stands for all that begin so.
    `contains` must be part of the name; `parameters` bounds the weights. `readers` are the words of the private
    repositories that count too (`words.readers_of`); None means everybody's.
    """

    kind: Kind
    groups: Sequence[Sequence[str]] = ()
    contains: Sequence[str] = ()
    parameters: tuple[int, int] | None = None
    readers: Sequence[str] | None = ()
    rarest: int | None = None  # at most this many public repositories can match, when that is known
    features: Sequence[int] = ()  # the numbers of the features among `groups`
    only_features: bool = False  # `groups` are nothing else
    told: bool = False  # what is in `groups` beside features follows from `contains` and `parameters`

    @property
    def only_names(self) -> bool:
        """Tell whether names and numbers of weights alone decide who matches, of those whom the actor may see."""
        return self.told and not self.features


@dataclass(frozen=True)
class FacetValue:
    """One value that a list can be narrowed to. `id` is what `filter` (or the facet's own key) takes."""

    id: str
    label: str
    count: int


@dataclass(frozen=True)
class Facets:
    """How many public repositories match, and how many of them have each value, most frequent first.

    Where they are very many, the numbers are `estimated` from an eighth of them.
    """

    total: int
    groups: Mapping[str, list[FacetValue]] = field(default_factory=dict)
    estimated: bool = False


@dataclass(frozen=True)
class Found:
    """What a quick search found of one kind of repository, and how many there are, `Suggestions.MOST` at most."""

    items: list[Info]
    count: int


@dataclass(frozen=True)
class Suggestions:
    """What a quick search found."""

    repos: Mapping[Kind, Found]
    users: list[Owner]
    orgs: list[Owner]


@dataclass(frozen=True)
class Extract:
    """A piece of a card: plain text, and the (start, end) places in it to highlight."""

    text: str
    marks: Sequence[tuple[int, int]]


@dataclass(frozen=True)
class TextHit:
    """A repository whose card contains what was asked for."""

    info: Info
    extract: Extract


@dataclass(frozen=True)
class TextHits:
    """A page of hits. `total` is exact up to the number of candidates looked at (`full_text.CANDIDATES`)."""

    items: list[TextHit]
    total: int
    more: bool


@dataclass(frozen=True)
class Vocable:
    """A tag that a list can be filtered by. `count` is the number of public repositories that have it."""

    id: str
    label: str
    type: str
    subtype: str | None
    count: int


@dataclass(frozen=True)
class Download:
    """One counted download: whose files, which file, by whom (a hash), when."""

    repo_id: int
    path: str
    who: str
    at: datetime
