"""What a few letters may mean: repositories of every kind, people, organizations."""

from collections.abc import Sequence

from hubkeep import repos
from hubkeep.accounts import Actor, OwnerKind
from hubkeep.kit import ReadTx
from hubkeep.repos import Kind
from hubkeep.search.engine import index_of
from hubkeep.search.expression import expression
from hubkeep.search.filters import match_of
from hubkeep.search.people import find_people
from hubkeep.search.places import repo_at
from hubkeep.search.types import Found, Order, Query, Suggestions

MOST = 20  # of each kind. Source: hub-platform contract section 8
COUNTED = 100  # matches counted of each kind: this many means "or more"


def suggest(
    tx: ReadTx,
    actor: Actor,
    text: str,
    *,
    kinds: Sequence[Kind] = (Kind.MODEL, Kind.DATASET, Kind.SPACE),
    people: Sequence[OwnerKind] = (OwnerKind.USER, OwnerKind.ORG),
    limit: int = 5,
    author: str | None = None,
    tags: Sequence[str] = (),
    exclude: Sequence[str] = (),
) -> Suggestions:
    """Return what `actor` may see whose name contains `text`, what trends first; nothing for nothing.

    Counts are exact up to `COUNTED`. Raises BadInput for a text that is too long.
    """
    found = {}
    for kind in kinds:
        query = Query(kind=kind, search=[text], author=author, tags=tags, limit=min(limit, MOST))
        found[kind] = _found(tx, actor, query, exclude) if text.strip() else Found([], 0)
    owners = {kind: find_people(tx, kind, text, min(limit, MOST)) for kind in people}
    return Suggestions(found, owners.get(OwnerKind.USER, []), owners.get(OwnerKind.ORG, []))


def _found(tx: ReadTx, actor: Actor, query: Query, exclude: Sequence[str]) -> Found:
    match = match_of(tx, actor, query)
    if match is None:
        return Found([], 0)
    question, index = expression(match), index_of(tx)
    wanted = query.limit + len(exclude)
    places = index.page(tx, match, question, Order.TRENDING, None, wanted, ascending=False)
    unwanted = {name.lower() for name in exclude}
    items = repos.infos_of(tx, actor, [repo_at(at) for at in places])
    items = [info for info in items if info.repo.full_name.lower() not in unwanted][: query.limit]
    count = len(places) if len(places) < wanted else index.count(tx, match, question, COUNTED)
    return Found(items, count)
