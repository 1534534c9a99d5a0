"""List repositories: visible ones only, filtered, sorted, page by page."""

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.kit import ReadTx
from hubkeep.search.engine import index_of
from hubkeep.search.expression import expression
from hubkeep.search.filters import match_of, order_of
from hubkeep.search.places import MAX_ID, place, repo_at
from hubkeep.search.types import Listing, Order, Query

LEAST = place(0, MAX_ID)  # of what tells nothing, the last


def listing(tx: ReadTx, actor: Actor, query: Query) -> Listing:
    """Return one page; pages follow each other by place, never by offset.

    Ascending by amount, it begins with the least that is known: what tells no amount has not the least.

    Raises:
        BadInput: an unknown sort or app, naming the allowed ones; too many filters; an altered cursor.
    """
    order = order_of(query)
    match = match_of(tx, actor, query)
    if match is None:
        return Listing([], None)
    found = index_of(tx).page(
        tx,
        match,
        expression(match),
        order,
        LEAST if query.after is None and query.ascending and order is Order.AMOUNT else query.after,
        query.limit + 1,
        ascending=query.ascending,
    )
    page = found[: query.limit]
    items = repos.infos_of(tx, actor, [repo_at(at) for at in page])
    return Listing(items, page[-1] if len(found) > query.limit else None)
