"""Lists of models, datasets, Spaces and kernels."""

from dataclasses import dataclass
from functools import partial

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.kit import BadInput, ReadTx
from hubkeep.repos import Kind, Query
from hubkeep.web import cursor
from hubkeep.web.answer import Answer, Page
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import shows
from hubkeep.web.facets import facets
from hubkeep.web.tags import Chip, chip
from hubkeep.web.urls import with_query

PAGE = 30
SORTS = {
    "trending": ("trendingScore", "Trending"),
    "modified": ("lastModified", "Recently updated"),
    "created": ("createdAt", "Recently created"),
    "downloads": ("downloads", "Most downloads"),
    "likes": ("likes", "Most likes"),
}
FIRST_SORT = "trending"
# Filters that addresses on other hubs use: each is a tag to us, as it stands.
_TAG_FILTERS = (
    "filter",
    "pipeline_tag",
    "library",
    "language",
    "license",
    "dataset",
    "other",
    "task_categories",
)
MAX_FILTERS = 12


@dataclass(frozen=True)
class Narrowed:
    """How a list is narrowed and ordered, and the addresses that change one part of that."""

    kind: Kind
    search: str
    author: str
    tags: list[str]
    sort: str

    def url(self, **changed: str | list[str] | None) -> str:
        """Return the address of the list with something changed, from its first page on."""
        sort = changed.get("sort", self.sort)
        values: dict[str, str | list[str] | None] = {
            "search": self.search,
            "author": self.author,
            "filter": self.tags,
            "sort": sort if sort != FIRST_SORT else None,
            **{name: value for name, value in changed.items() if name != "sort"},
        }
        return with_query(f"/{self.kind.plural}", **values)

    @property
    def chosen(self) -> list[tuple[Chip, str]]:
        """Return the chips of the tags in force, and the address without each."""
        return [
            (chip(self.kind, tag), self.url(filter=[other for other in self.tags if other != tag]))
            for tag in self.tags
        ]

    def toggled(self, tag: str) -> str:
        """Return the address with `tag` added, or removed when it is in force."""
        if tag in self.tags:
            return self.url(filter=[other for other in self.tags if other != tag])
        return self.url(filter=[*self.tags, tag])


def show(kind: Kind, tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show a list, `PAGE` repositories at a time."""
    narrowed = narrowed_by(kind, asked)
    query = Query(
        kind=kind,
        search=narrowed.search.split(),
        author=narrowed.author or None,
        tags=narrowed.tags,
        sort=SORTS[narrowed.sort][0],
        limit=PAGE,
        after=cursor.unpack(asked.query.get("after", "")),
    )
    listing = repos.list_repos(tx, actor, query)
    facts = {
        "section": kind,
        "narrowed": narrowed,
        "items": listing.items,
        "next": narrowed.url(after=cursor.pack(listing.next)) if listing.next else "",
        "first": narrowed.url() if query.after else "",
        "facets": facets(tx, asked, kind),
        "sorts": SORTS,
        "hub_url": asked.hub.url,
    }
    return Page("pages/list.html", facts)


def narrowed_by(kind: Kind, asked: Asked) -> Narrowed:
    """Read how the list is narrowed. Raises BadInput."""
    given = asked.query
    tags = [tag for name in _TAG_FILTERS for value in given.getlist(name) for tag in value.split(",") if tag]
    if len(tags) > MAX_FILTERS:
        raise BadInput(field="filter", reason=f"at most {MAX_FILTERS} tags at once")
    sort = given.get("sort") or FIRST_SORT
    if sort not in SORTS:
        raise BadInput(field="sort", reason=f"must be one of {', '.join(SORTS)}")
    return Narrowed(
        kind,
        (given.get("search") or "").strip()[:200],
        given.get("author", "")[:100],
        [*dict.fromkeys(tags)],
        sort,
    )


routes = [Route(f"/{kind.plural}", shows(partial(show, kind)), methods=["GET"]) for kind in Kind]
