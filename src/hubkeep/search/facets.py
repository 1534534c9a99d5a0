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
ENOUGH = 1000  # repositories of the sample that tell of all
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
    if times == 1:
        return _grouped(
            query.kind, _size(chosen), [(r, _size(chosen & known.sets[r.id])) for r in known.rows]
        )
    chosen = _of_sample(chosen)
    counts = [(r, round(_size(chosen & _of_sample(known.sets[r.id])) * times)) for r in known.rows]
    return replace(_grouped(query.kind, round(_size(chosen) * times), counts), estimated=True)


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
    index, names = index_of(tx), match
    having = known.sets[known.everything]
    if match.features and len(kept_as_bits(tx, match.features)) == len(match.features):
        sets = [_fit(one, known.size) for one in load(tx, match.features).values()]
        having = reduce(np.bitwise_and, sets)
        if match.only_features:
            return having, 1
        names = _without_features(match)
    sample = index.sampled(tx, names) if names.only_names else None
    if sample is not None:
        chosen = bits_of(sample, known.size) & having
        if _size(chosen) >= ENOUGH:
            everything = known.sets[known.everything]
            return chosen, _size(everything) / _size(_of_sample(everything))
    return bits_of(index.ids(tx, match, public(match)), known.size), 1


def _without_features(match: Match) -> Match:
    features = {f"f{number}" for number in match.features}
    return replace(match, groups=[group for group in match.groups if group[0] not in features], features=())


def _of_sample(one: Bits) -> Bits:
    """Return the part of a set that tells of the sample."""
    block = (1 << SAMPLE_BITS) // 8
    return np.concatenate([one[start : start + block] for start in range(0, len(one), block * SAMPLE_OF)])


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
