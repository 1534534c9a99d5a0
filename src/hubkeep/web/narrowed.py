"""How a list is narrowed and ordered, read from an address and written into one."""

import re
from dataclasses import dataclass, replace

from hubkeep import search
from hubkeep.kit import BadInput
from hubkeep.repos import Kind
from hubkeep.search import Query
from hubkeep.web.asked import Asked
from hubkeep.web.urls import with_query

# The word of an address: the order of the index, whether it is turned round, and the words of the menu.
SORTS = {
    "trending": ("trendingScore", False, "Trending"),
    "modified": ("lastModified", False, "Recently updated"),
    "created": ("createdAt", False, "Recently created"),
    "downloads": ("downloads", False, "Most downloads"),
    "likes": ("likes", False, "Most likes"),
    "likes30d": ("likes30d", False, "Most likes in 30 days"),
    "parameters": ("num_parameters", False, "Most parameters"),
    "least_parameters": ("num_parameters", True, "Least parameters"),
    "rows": ("datasetsServerInfo.numRows", False, "Most rows"),
    "least_rows": ("datasetsServerInfo.numRows", True, "Least rows"),
    "size": ("mainSize", False, "Largest files"),
}
SIZES = {
    "max:1B": "below 1B",
    "min:1B,max:8B": "1B to 8B",
    "min:8B,max:32B": "8B to 32B",
    "min:32B,max:128B": "32B to 128B",
    "min:128B": "128B and more",
}
MAX_FILTERS = 12
FIRST_SORT = "trending"
# What addresses on other hubs call their filters, and the prefix that may be left out of the tag.
_ALIASES = {
    "filter": "",
    "library": "",
    "language": "",
    "license": "license:",
    "dataset": "dataset:",
    "other": "",
}
_OF_DATASETS = {"library": "library:", "language": "language:"}  # their tags say what they are about
_BOUND = re.compile(r"(min|max):(\d{1,12})([KMBT]?)")
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}


@dataclass(frozen=True)
class Narrowed:
    """How a list is narrowed and ordered. `size` is like `min:1B,max:8B`, "" for any."""

    kind: Kind
    search: str = ""
    author: str = ""
    tags: tuple[str, ...] = ()
    task: str = ""
    apps: tuple[str, ...] = ()
    gated: bool = False
    size: str = ""
    models: tuple[str, ...] = ()  # that a Space uses
    datasets: tuple[str, ...] = ()
    sort: str = FIRST_SORT

    @classmethod
    def of(cls, kind: Kind, asked: Asked) -> "Narrowed":
        """Read an address. Raises BadInput."""
        given = asked.query
        tags = [
            before + value.removeprefix(f"{name}:")
            for name, before in (_ALIASES | (_OF_DATASETS if kind is Kind.DATASET else {})).items()
            for text in given.getlist(name)
            for value in text.split(",")
            if value
        ]
        apps = [app for text in given.getlist("apps") for app in text.split(",") if app]
        if len(tags) + len(apps) > MAX_FILTERS:
            raise BadInput(field="filter", reason=f"at most {MAX_FILTERS} at once")
        sort = given.get("sort") or FIRST_SORT
        if sort not in sorts_of(kind):
            raise BadInput(field="sort", reason=f"must be one of {', '.join(sorts_of(kind))}")
        return cls(
            kind=kind,
            search=given.get("search", "").strip()[:200],
            author=given.get("author", "")[:96],
            tags=tuple(dict.fromkeys(tags)),
            task=given.get("pipeline_tag", "")[:96],
            apps=tuple(dict.fromkeys(apps)),
            gated=given.get("gated") == "true",
            size=given.get("num_parameters", "")[:60],
            models=_used(given.getlist("models")) if kind is Kind.SPACE else (),
            datasets=_used(given.getlist("datasets")) if kind is Kind.SPACE else (),
            sort=sort,
        )

    def query(self, limit: int, after: int | None) -> Query:
        """Return the question to the index. Raises BadInput."""
        return Query(
            kind=self.kind,
            search=[self.search] if self.search else [],
            author=self.author or None,
            tags=self.tags,
            task=self.task or None,
            apps=self.apps,
            gated=True if self.gated else None,
            parameters=bounds(self.size) if self.size else None,
            models=self.models,
            datasets=self.datasets,
            sort=SORTS[self.sort][0],
            ascending=SORTS[self.sort][1],
            limit=limit,
            after=after,
        )

    def url(self, after: int | None = None) -> str:
        """Return the address, of the first page or of the one that starts after `after`."""
        return with_query(
            f"/{self.kind.plural}",
            search=self.search,
            author=self.author,
            pipeline_tag=self.task,
            filter=list(self.tags),
            apps=list(self.apps),
            gated="true" if self.gated else "",
            num_parameters=self.size,
            models=list(self.models),
            datasets=list(self.datasets),
            sort=self.sort if self.sort != FIRST_SORT else "",
            after=str(after) if after is not None else "",
        )

    @property
    def plain(self) -> bool:
        """True when nothing narrows the list."""
        return self == Narrowed(self.kind, sort=self.sort)

    def has(self, group: str, value: str) -> bool:
        """Tell whether a value of a group of facets is in force."""
        if group == "task":
            return self.task == value
        if group == "app":
            return value in self.apps
        if group == "gated":
            return self.gated
        return value in self.tags

    def toggled(self, group: str, value: str) -> "Narrowed":
        """Return it with a value of a group of facets added, or taken away when it is in force."""
        if group == "task":
            return replace(self, task="" if self.task == value else value)
        if group == "app":
            return replace(self, apps=_toggled(self.apps, value))
        if group == "gated":
            return replace(self, gated=not self.gated)
        return replace(self, tags=_toggled(self.tags, value))

    def sized(self, size: str) -> "Narrowed":
        """Return it with another size of models; with the one in force, without."""
        return replace(self, size="" if size == self.size else size)


def sorts_of(kind: Kind) -> dict[str, str]:
    """Return the orders that a kind has, and their words."""
    return {name: words for name, (order, _, words) in SORTS.items() if order in search.SORTS[kind]}


def bounds(text: str) -> tuple[int | None, int | None]:
    """Read `min:1B,max:8B`. Raises BadInput."""
    found: dict[str, int] = {}
    for part in text.split(","):
        bound = _BOUND.fullmatch(part)
        if bound is None:
            raise BadInput(field="num_parameters", reason="must be like min:1B,max:8B")
        found[bound[1]] = int(bound[2]) * _UNITS[bound[3]]
    return found.get("min"), found.get("max")


def _used(texts: list[str]) -> tuple[str, ...]:
    names = [name[:200] for text in texts for name in text.split(",") if name]
    return tuple(dict.fromkeys(names))[:MAX_FILTERS]


def _toggled(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(other for other in values if other != value) if value in values else (*values, value)
