"""The Community tab of a repository: its discussions and pull requests."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.community import discussions
from hubkeep.community.discussions import DiscussionsDisabled, Listed, Query, Sorting
from hubkeep.kit import BadInput, ReadTx
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form
from hubkeep.web.head import head_of

PAGE = 25
MAX_PINNED = 5
STATUSES = {"open": True, "closed": False, "all": None}
TYPES = {"all": None, "discussion": False, "pull_request": True}
SORTS = {Sorting.RECENT: "Newest", Sorting.TRENDING: "Lately active", Sorting.REACTIONS: "Most reactions"}
REPO = "/{kind:prefix}{ns:seg}/{name:seg}"


@dataclass(frozen=True)
class Wanted:
    """What narrows the list, as the address says it."""

    here: str
    status: str = "open"
    type: str = "all"
    author: str = ""
    search: str = ""
    sort: str = ""

    @classmethod
    def of(cls, here: str, asked: Asked) -> "Wanted":
        """Read an address. Raises BadInput."""
        query = asked.query
        found = cls(
            here,
            query.get("status", "open"),
            query.get("type", "all"),
            query.get("author", "").strip()[:100],
            query.get("search", "").strip()[:200],
            query.get("sort", ""),
        )
        for field, value, choices in (
            ("status", found.status, [*STATUSES]),
            ("type", found.type, [*TYPES]),
            ("sort", found.sort or Sorting.RECENT, [*SORTS]),
        ):
            if value not in choices:
                raise BadInput(field=field, reason=f"must be one of {', '.join(choices)}")
        return found

    @property
    def plain(self) -> bool:
        """True when nothing narrows the list but whether it is open."""
        return self.type == "all" and not self.author and not self.search

    def url(self, page: int = 0) -> str:
        """Return the address of this list."""
        return urls.with_query(
            self.here,
            status=self.status if self.status != "open" else None,
            type=self.type if self.type != "all" else None,
            author=self.author,
            search=self.search,
            sort=self.sort,
            p=str(page) if page else None,
        )

    def having(self, **changes: str) -> str:
        """Return the address of this list with something else about it."""
        return replace(self, **changes).url()


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show a repository's discussions, what is pinned first."""
    repo = repos.get(tx, actor, asked.kind, asked.full_name)
    head = head_of(asked, actor, repo, "community")
    wanted = Wanted.of(f"{head.url}/discussions", asked)
    facts = {"head": head, "section": repo.kind, "wanted": wanted, "sorts": SORTS}
    page = _page(asked.query.get("p", "0"))
    query = Query(
        page=page,
        is_pull_request=TYPES[wanted.type],
        is_open=STATUSES[wanted.status],
        author=wanted.author or None,
        search=wanted.search,
        sorting=Sorting(wanted.sort) if wanted.sort else None,
    )
    try:
        found = discussions.list_discussions(tx, actor, asked.kind, asked.full_name, query, PAGE)
    except DiscussionsDisabled:
        return Page("pages/discussions_off.html", facts, 200 if head.may_manage else 403)
    pinned: Sequence[Listed] = []
    if wanted.plain and page == 0:
        only = Query(pinned=True, is_open=query.is_open)
        pinned = discussions.list_discussions(tx, actor, asked.kind, asked.full_name, only, MAX_PINNED).items
    shown = {one.discussion.id for one in pinned}
    facts |= {
        "pinned": pinned,
        "items": [one for one in found.items if one.discussion.id not in shown],
        "total": found.total,
        "closed": found.closed,
        "sort": wanted.sort or found.sorting.value,
        "older": wanted.url(page + 1) if (page + 1) * PAGE < found.total else "",
        "newer": wanted.url(page - 1) if page else "",
    }
    return Page("pages/discussions.html", facts)


async def change(asked: Asked) -> Redirect:
    """Switch discussions off or on, or choose their order: whoever manages the repository."""
    switch = {"off": True, "on": False}.get(asked.value("discussions"))
    sort = asked.value("sorting")
    if sort and sort not in SORTS:
        raise BadInput(field="sorting", reason=f"must be one of {', '.join(SORTS)}")
    await asked.hub.write(
        discussions.update_settings,
        asked.caller,
        asked.kind,
        asked.full_name,
        disabled=switch,
        sorting=Sorting(sort) if sort else None,
    )
    return Redirect(asked.path)


def _page(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 5:
        raise BadInput(field="p", reason="must be a whole number from 0")
    return int(text)


routes = [Route(REPO + "/discussions", form(show, change), methods=["GET", "POST"])]
