"""How many repositories have what: the numbers beside the filters of a list.

Public repositories only, the same for everybody. Sets of bits are counted together; nothing is enumerated but what a text
search matched. The sets are kept in memory for half a minute, and so are answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
import sqlalchemy as sa

from hubkeep.accounts import STRANGER, Actor
from hubkeep.kit import ReadTx
from hubkeep.kit.tables import Row
from hubkeep.repos import Kind
from hubkeep.search.bits import FACETS, Bits, bits_of, kept_as_bits, load
from hubkeep.search.engine import index_of
from hubkeep.search.expression import public
from hubkeep.search.features import EVERYTHING
from hubkeep.search.filters import match_of
from hubkeep.search.index import feature_numbers
from hubkeep.search.remembered import Remembered
from hubkeep.search.tables import features
from hubkeep.search.types import Facets, FacetValue, Match, Query
from hubkeep.search.vocabulary import label_of
from hubkeep.search.words import SAMPLE_BITS, SAMPLE_OF

SECONDS = 30.0
MOST_VALUES = 300  # values counted for one kind of repository, the most frequent ones


@dataclass(frozen=True)
class _Sets:
    """The values of one kind, and which repositories have each."""

    rows: Sequence[Row]
    everything: int  # the number of the feature that every repository has
    sets: Mapping[int, Bits]
    size: int


_answers: Remembered[Facets] = Remembered(SECONDS, 1000)
_sets: Remembered[_Sets] = Remembered(SECONDS, len(Kind))


def facets(tx: ReadTx, actor: Actor, query: Query, *, fresh: bool = False) -> Facets:
    """Return how many public repositories match, and how many of them have each value that the list can be narrowed to.

    The answer may be `SECONDS` old unless `fresh`. Raises what `listing` raises.
    """
    del actor
    asked = replace(query, sort="likes", ascending=False, limit=1, after=None)
    if fresh:
        _answers.forget()
        _sets.forget()
    return _answers.get(f"{tx.sql.engine.url!r} {asked!r}", lambda: _count(tx, asked))


def _count(tx: ReadTx, query: Query) -> Facets:
    match = match_of(tx, STRANGER, query)
    if match is None:
        return Facets(0)
    if not match.groups:
        total = feature_numbers(tx, query.kind, [EVERYTHING]).get(EVERYTHING, (0, 0))[1]
        return _grouped(query.kind, total, [(row, row.used_by) for row in _rows(tx, query.kind)])
    known = _sets.get(f"{tx.sql.engine.url!r} {query.kind}", lambda: _load(tx, query.kind))
    chosen, times = _chosen(tx, match, known)
    counts = [(row, round(_size(chosen & known.sets[row.id]) * times)) for row in known.rows]
    return replace(_grouped(query.kind, round(_size(chosen) * times), counts), estimated=times != 1)


def _rows(tx: ReadTx, kind: Kind) -> Sequence[Row]:
    shown = sa.and_(features.c.kind == kind.value, features.c.type.in_(FACETS[kind]), features.c.used_by > 0)
    most = sa.select(features).where(shown).order_by(features.c.used_by.desc(), features.c.id)
    return tx.sql.execute(most.limit(MOST_VALUES)).all()


def _load(tx: ReadTx, kind: Kind) -> _Sets:
    rows = _rows(tx, kind)
    everything = feature_numbers(tx, kind, [EVERYTHING]).get(EVERYTHING, (0, 0))[0]
    sets = load(tx, [everything, *(row.id for row in rows)])
    return _Sets(rows, everything, sets, len(sets[everything]))


def _chosen(tx: ReadTx, match: Match, known: _Sets) -> tuple[Bits, float]:
    """Return the set of the public repositories that match, or those in the sample, and for how many each of them stands."""
    if match.only_features and len(kept_as_bits(tx, match.features)) == len(match.features):
        sets = [_fit(one, known.size) for one in load(tx, match.features).values()]
        return reduce(np.bitwise_and, sets), 1
    numbers, complete = index_of(tx).some_ids(tx, match, public(match))
    chosen = bits_of(numbers, known.size)
    if complete:
        return chosen, 1
    everything = known.sets[known.everything]
    sampled = _size(everything & _sample(known.size))
    return chosen, _size(everything) / sampled if sampled else 1


def _sample(size: int) -> Bits:
    """Return the set of the sample, `size` bytes long."""
    block = (1 << SAMPLE_BITS) // 8
    blocks = np.arange(size) // block
    return np.where(blocks % SAMPLE_OF == 0, 255, 0).astype(np.uint8)


def _grouped(kind: Kind, total: int, counts: Sequence[tuple[Row, int]]) -> Facets:
    groups: dict[str, list[FacetValue]] = {group: [] for group in FACETS[kind]}
    for row, count in counts:
        if count:
            groups[row.type].append(FacetValue(row.label, label_of(row.type, row.label), count))
    for values in groups.values():
        values.sort(key=lambda value: (-value.count, value.label))
    return Facets(total, groups)


def _fit(one: Bits, size: int) -> Bits:
    return one[:size] if len(one) >= size else np.concatenate([one, np.zeros(size - len(one), np.uint8)])


def _size(one: Bits) -> int:
    return int(np.bitwise_count(one.view(np.uint64)).sum())
