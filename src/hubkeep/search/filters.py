"""From what people ask to what the index is asked."""

from collections.abc import Sequence

from hubkeep.accounts import Actor, OwnerNotFound, owner_now
from hubkeep.kit import BadInput, ReadTx
from hubkeep.repos import Kind
from hubkeep.search.features import ORDERS, evaluated_name, plain, tag_name, used_name
from hubkeep.search.index import feature_numbers
from hubkeep.search.places import TOP
from hubkeep.search.types import MAX_LIMIT, Match, Order, Query
from hubkeep.search.vocabulary import APPS
from hubkeep.search.words import grams_to_find, reader, readers_of, weights_to_find

MAX_FILTERS = 50  # filters and searches of one question
MAX_SEARCH = 200  # characters of one search
MAX_WEIGHTS = (1 << 62) - 1

# Source: hub-core contract section 7, the JavaScript client for the last three; ids order by creation.
_SORTS = {
    "trendingScore": Order.TRENDING,
    "downloads": Order.DOWNLOADS,
    "likes": Order.LIKES,
    "likes30d": Order.LIKES_30D,
    "createdAt": Order.CREATED,
    "lastModified": Order.MODIFIED,
    "id": Order.CREATED,
    "_id": Order.CREATED,
    "mainSize": Order.SIZE,
}
_OWN_SORTS = {
    Kind.MODEL: {"num_parameters": Order.AMOUNT},
    Kind.DATASET: {"datasetsServerInfo.numRows": Order.AMOUNT},
}
SORTS: dict[Kind, dict[str, Order]] = {
    kind: {name: order for name, order in _SORTS.items() if order in ORDERS[kind]} | _OWN_SORTS.get(kind, {})
    for kind in Kind
}


def order_of(query: Query) -> Order:
    """Return the order that the query asks for. Raises BadInput naming the allowed ones."""
    order = SORTS[query.kind].get(query.sort)
    if order is None:
        allowed = ", ".join(SORTS[query.kind])
        raise BadInput(field="sort", reason=f"{query.sort[:40]!r} is not one of {allowed}")
    return order


def match_of(tx: ReadTx, actor: Actor, query: Query) -> Match | None:
    """Return the question, restricted to what `actor` may see; None when nothing can match.

    Raises:
        BadInput: too many filters, a search or number out of bounds, an app that does not exist.
    """
    _check(query)
    if query.served:
        return None  # no inference provider serves models of this hub
    readers = readers_of(actor)
    groups: list[list[str]] = []
    if query.author is not None:
        try:
            author = owner_now(tx, plain(query.author))
        except OwnerNotFound:
            return None
        groups.append([f"o{author.id}"])
        readers = _at_home(actor, author.id, readers)
    names = _feature_names(query)
    known = feature_numbers(tx, query.kind, names)
    if len(known) < len(names) or not all(count or readers != [] for _, count in known.values()):
        return None
    numbers = [known[name][0] for name in names]
    groups += [[f"f{number}"] for number in numbers]
    texts = searched(query.search)
    groups += [[gram] for text in texts for gram in dict.fromkeys(grams_to_find(text))]
    bounds = _bounds(query)
    if bounds is not None:
        groups.append(list(weights_to_find(*bounds)) or ["p0"])
    only_features = bool(numbers) and len(numbers) == len(groups)
    return Match(
        kind=query.kind,
        groups=groups,
        contains=texts,
        parameters=bounds,
        readers=readers,
        rarest=min((count for _, count in known.values()), default=None),
        features=numbers,
        only_features=only_features,
        told=query.author is None,
    )


def _at_home(actor: Actor, owner_id: int, readers: list[str] | None) -> list[str] | None:
    """Leave out who reads what in other namespaces: nothing private is found in one that the actor does not belong to."""
    if readers is None:
        return None
    seats = [group for group, seat in actor.groups.items() if seat.org_id == owner_id]
    here = {f"o{owner_id}", reader(owner_id, None), *(reader(owner_id, group) for group in seats)}
    return [word for word in readers if word in here]


def searched(texts: Sequence[str]) -> list[str]:
    """Return the pieces that a name must contain: the words of what was typed, in lower case. Nothing is an operator."""
    words = [word for text in texts for word in plain(text).lower().split()]
    return list(dict.fromkeys(words))


def _check(query: Query) -> None:
    given = len(query.tags) + len(query.apps) + len(query.models) + len(query.datasets)
    if given + len(searched(query.search)) > MAX_FILTERS:
        raise BadInput(field="filter", reason=f"at most {MAX_FILTERS} filters and searched words together")
    if any(len(text) > MAX_SEARCH for text in query.search):
        raise BadInput(field="search", reason=f"at most {MAX_SEARCH} characters")
    if not 1 <= query.limit <= MAX_LIMIT:
        raise BadInput(field="limit", reason=f"must be from 1 to {MAX_LIMIT}")
    if query.after is not None and not 0 <= query.after <= TOP:
        raise BadInput(field="cursor", reason="it was altered")
    if unknown := [app for app in query.apps if app not in APPS]:
        raise BadInput(field="apps", reason=f"{unknown[0][:40]!r} is not one of {', '.join(APPS)}")
    uses = query.models or query.datasets or query.linked
    if uses and query.kind is not Kind.SPACE:
        raise BadInput(field="models, datasets, linked", reason="only Spaces can be asked what they use")


def _feature_names(query: Query) -> list[str]:
    names = [tag_name(tag) for tag in query.tags]
    names += [f"task/{plain(query.task)[:255].lower()}"] if query.task else []
    names += [f"app/{app}" for app in query.apps]
    names += [used_name(Kind.MODEL, name) for name in query.models]
    names += [used_name(Kind.DATASET, name) for name in query.datasets]
    names += ["linked/"] if query.linked else []
    names += [evaluated_name(query.evaluated)] if query.evaluated else []
    names += [] if query.gated is None else ["gated/" if query.gated else "open/"]
    return list(dict.fromkeys(names))


def _bounds(query: Query) -> tuple[int, int] | None:
    if query.parameters is None:
        return None
    least, most = query.parameters
    return max(least or 1, 1), min(MAX_WEIGHTS if most is None else most, MAX_WEIGHTS)
