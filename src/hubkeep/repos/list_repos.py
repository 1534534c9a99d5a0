"""List repositories: visible ones only, filtered, sorted, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from hubkeep.accounts import Actor
from hubkeep.kit import BadInput, ReadTx
from hubkeep.kit.tables import UtcTime
from hubkeep.repos.info import Info, infos
from hubkeep.repos.queries import fact, visible_to
from hubkeep.repos.tables import repo_tags, repos
from hubkeep.repos.types import Kind, Repo

SORTS: dict[str, sa.Column[Any]] = {
    "createdAt": repos.c.created_at,
    "lastModified": repos.c.last_modified,
    "downloads": repos.c.downloads,
    "likes": repos.c.likes,
    "trendingScore": repos.c.trending,
    "id": repos.c.id,
}
MAX_LIMIT = 1000
MAX_FILTERS = 50


@dataclass(frozen=True)
class Query:
    """What to list. `tags` must all be there; `search` is looked for in `owner/name`; `after` is where a page ended."""

    kind: Kind
    search: Sequence[str] = ()
    author: str | None = None
    tags: Sequence[str] = ()
    gated: bool | None = None
    sort: str = "trendingScore"
    ascending: bool = False
    limit: int = MAX_LIMIT
    after: tuple[Any, int] | None = None


@dataclass(frozen=True)
class Listing:
    """A page, and where the next one starts (sort value and id), None at the end."""

    items: list[Info]
    next: tuple[Any, int] | None


def list_repos(tx: ReadTx, actor: Actor, query: Query) -> Listing:
    """Return one page; pages follow each other by key, never by offset.

    Raises:
        BadInput: an unknown sort, naming the allowed ones; too many filters.
    """
    if query.sort not in SORTS:
        raise BadInput(field="sort", reason=f"{query.sort!r} is not one of {', '.join(SORTS)}")
    if len(query.tags) + len(query.search) > MAX_FILTERS:
        raise BadInput(field="filter", reason=f"at most {MAX_FILTERS} filters and searches together")
    column = SORTS[query.sort]
    statement = visible_to(actor).where(
        repos.c.kind == query.kind.value, repos.c.disabled.is_(False), *_conditions(query)
    )
    if query.after is not None:
        here = sa.tuple_(column, repos.c.id)
        start = sa.tuple_(sa.literal(_value(column, query.after[0]), column.type), sa.literal(query.after[1]))
        statement = statement.where(here > start if query.ascending else here < start)
    order = [column.asc(), repos.c.id.asc()] if query.ascending else [column.desc(), repos.c.id.desc()]
    found = [fact(row) for row in tx.sql.execute(statement.order_by(*order).limit(query.limit + 1))]
    page = found[: query.limit]
    return Listing(infos(tx, page), _key(page[-1], query.sort) if len(found) > query.limit else None)


def _conditions(query: Query) -> list[sa.ColumnElement[bool]]:
    full_name = repos.c.owner_lower + "/" + repos.c.name_lower
    found: list[sa.ColumnElement[bool]] = [
        full_name.contains(text.lower(), autoescape=True) for text in query.search if text
    ]
    if query.author is not None:
        found.append(repos.c.owner_lower == query.author.lower())
    if query.gated is not None:
        found.append(repos.c.gated != "" if query.gated else repos.c.gated == "")
    found += [
        sa.exists().where(repo_tags.c.repo_id == repos.c.id, repo_tags.c.tag == tag)
        for tag in dict.fromkeys(query.tags)
    ]
    return found


def _key(repo: Repo, sort: str) -> tuple[Any, int]:
    values = {
        "createdAt": repo.created_at,
        "lastModified": repo.last_modified,
        "downloads": repo.downloads,
        "likes": repo.likes,
        "trendingScore": repo.trending,
        "id": repo.id,
    }
    value = values[sort]
    return (value.timestamp() if isinstance(value, datetime) else value), repo.id


def _value(column: sa.Column[Any], value: Any) -> Any:
    try:
        return (
            datetime.fromtimestamp(value, UTC)
            if isinstance(column.type, UtcTime)
            else column.type.python_type(value)
        )
    except (TypeError, ValueError, OverflowError, OSError):
        raise BadInput(field="cursor", reason="it was altered") from None
