"""List a repository's discussions and pull requests, page by page."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hubkeep.accounts import Actor, owners_known, owners_named
from hubkeep.community.discussions import queries
from hubkeep.community.discussions.find import find_house
from hubkeep.community.discussions.settings import settings_of
from hubkeep.community.discussions.tables import discussion_totals, discussions
from hubkeep.community.discussions.types import Listed, Listing, Sorting
from hubkeep.kit import BadInput, ReadTx
from hubkeep.repos import Kind

PAGE = 50
MAX_PAGE = 100_000
_NEWEST = discussions.c.num.desc()
_ORDERS = {
    Sorting.RECENT: [_NEWEST],
    Sorting.TRENDING: [discussions.c.updated_at.desc(), _NEWEST],
    Sorting.REACTIONS: [discussions.c.reaction_users.desc(), _NEWEST],
}


@dataclass(frozen=True)
class Query:
    """What to list. None: of every kind. `author` is a user's name; `search` is looked for in titles; pages count from 0."""

    page: int = 0
    is_pull_request: bool | None = None
    is_open: bool | None = None
    author: str | None = None
    search: str = ""
    pinned: bool | None = None
    sorting: Sorting | None = None  # None: the repository's own


def list_discussions(
    tx: ReadTx, actor: Actor, kind: Kind, full_name: str, query: Query, limit: int = PAGE
) -> Listing:
    """Return one page. Raises BadInput for a page out of bounds, and what `find_house` raises."""
    if not 0 <= query.page <= MAX_PAGE:
        raise BadInput(field="p", reason=f"must be a page from 0 to {MAX_PAGE:,}")
    repo = find_house(tx, actor, kind, full_name)
    sorting = query.sorting or settings_of(tx, repo.id).sorting
    start = query.page * limit
    conditions = _conditions(tx, repo.id, query)
    if conditions is None:
        return Listing(repo, [], 0, start, None, sorting)
    page = sa.select(*queries.COLUMNS).where(*conditions).order_by(*_ORDERS[sorting])
    found = [queries.fact(row) for row in tx.sql.execute(page.offset(start).limit(limit))]
    reacted = queries.reactions_of(tx, [one.first_event_id for one in found])
    people = owners_known(tx, {one.author_id for one in found if one.author_id is not None})
    items = [
        Listed(one, people.get(one.author_id or 0), reacted.get(one.first_event_id, ())) for one in found
    ]
    total, closed = _totals(tx, repo.id, query, conditions)
    return Listing(repo, items, total, start, closed, sorting)


def _conditions(tx: ReadTx, repo_id: int, query: Query) -> list[sa.ColumnElement[bool]] | None:
    """Return the WHERE; None when an unknown author makes it match nothing."""
    found: list[sa.ColumnElement[bool]] = [discussions.c.repo_id == repo_id]
    if query.is_pull_request is not None:
        found.append(discussions.c.is_pr.is_(query.is_pull_request))
    if query.is_open is not None:
        found.append(discussions.c.is_open.is_(query.is_open))
    if query.pinned is not None:
        found.append(discussions.c.pinned.is_(query.pinned))
    if query.author is not None:
        author = owners_named(tx, [query.author]).get(query.author.lower())
        if author is None:
            return None
        found.append(discussions.c.author_id == author.id)
    if query.search.strip():
        found.append(discussions.c.title_lower.contains(query.search.strip().lower(), autoescape=True))
    return found


def _totals(
    tx: ReadTx, repo_id: int, query: Query, conditions: list[sa.ColumnElement[bool]]
) -> tuple[int, int | None]:
    """Return how many match and, where that is known without counting, how many are closed."""
    if query.author is not None or query.search.strip() or query.pinned is not None:
        matching = sa.select(sa.func.count()).select_from(discussions).where(*conditions)
        return int(tx.sql.execute(matching).scalar_one()), None
    rows: list[Any] = list(
        tx.sql.execute(sa.select(discussion_totals).where(discussion_totals.c.repo_id == repo_id))
    )
    rows = [row for row in rows if query.is_pull_request in (None, row.is_pr)]
    closed = sum(row.n for row in rows if not row.is_open)
    total = sum(row.n for row in rows if query.is_open in (None, row.is_open))
    return total, closed
