"""Keep the index: what a repository can be found by, where it stands, and how many have each feature.

All of it inside the transaction that changes the repository, in a time that does not depend on the size of the hub.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hubkeep.kit import ReadTx, WriteTx
from hubkeep.repos import Kind
from hubkeep.search.bits import flip
from hubkeep.search.engine import index_of
from hubkeep.search.tables import documents, features, keys
from hubkeep.search.types import Document, Feature, Order
from hubkeep.search.words import as_line, features_in, is_public, scope, words_of

BATCH = 500


@dataclass(frozen=True)
class Kept:
    """What the index holds of a repository now."""

    words: str
    name: str
    weights: int
    places: Mapping[Order, int]

    def says(self, document: Document, words: str) -> bool:
        """Tell whether all but the places is as the document has it."""
        same = self.words == words and self.name == document.name and self.weights == document.parameters
        return same and self.places.keys() == document.keys.keys()


def put(tx: WriteTx, found: Sequence[Document]) -> None:
    """Make the index say what the documents say; what is unchanged costs a look."""
    for start in range(0, len(found), BATCH):
        _put(tx, found[start : start + BATCH])


def drop(tx: WriteTx, repo_id: int) -> None:
    """Take a repository out."""
    kept = _kept(tx, [repo_id]).get(repo_id)
    if kept is None:
        return
    for order, at in kept.places.items():
        index_of(tx).remove(tx, order, [(at, kept.words)])
    _count(tx, {repo_id: (kept.words, "")})
    tx.sql.execute(sa.delete(documents).where(documents.c.repo_id == repo_id))
    tx.sql.execute(sa.delete(keys).where(keys.c.repo_id == repo_id))


def move(tx: WriteTx, places: Mapping[int, Mapping[Order, int]]) -> None:
    """Give repositories new places in some orders; those that are not in the index, or not in an order, stay out."""
    numbers = sorted(places)
    for start in range(0, len(numbers), BATCH):
        kept = _kept(tx, numbers[start : start + BATCH])
        _move(tx, kept, {number: places[number] for number in kept})


def feature_numbers(tx: ReadTx, kind: Kind, names: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Return (number, count of public repositories) of the features of these names, for those that anybody has."""
    asked = list(names)
    if not asked:
        return {}
    wanted = sa.and_(features.c.kind == kind.value, features.c.name.in_(asked))
    rows = tx.sql.execute(sa.select(features.c.name, features.c.id, features.c.used_by).where(wanted))
    return {row.name: (row.id, row.used_by) for row in rows}


def _put(tx: WriteTx, found: Sequence[Document]) -> None:
    numbers = _numbered(tx, found)
    kept = _kept(tx, [document.repo_id for document in found])
    words = {
        document.repo_id: words_of(document, (numbers[document.kind, f.name] for f in document.features))
        for document in found
    }
    same = {
        d.repo_id: kept[d.repo_id]
        for d in found
        if d.repo_id in kept and kept[d.repo_id].says(d, words[d.repo_id])
    }
    _move(tx, same, {d.repo_id: d.keys for d in found if d.repo_id in same})
    changed = [document for document in found if document.repo_id not in same]
    if not changed:
        return
    _take_out(tx, {d.repo_id: kept[d.repo_id] for d in changed if d.repo_id in kept})
    _write_rows(tx, changed, words, kept.keys())
    for order in Order:
        rows = [(d.keys[order], words[d.repo_id]) for d in changed if order in d.keys]
        index_of(tx).add(tx, order, rows)
    _count(
        tx,
        {d.repo_id: (kept[d.repo_id].words if d.repo_id in kept else "", words[d.repo_id]) for d in changed},
    )


def _take_out(tx: WriteTx, kept: Mapping[int, Kept]) -> None:
    for order in Order:
        rows = [(one.places[order], one.words) for one in kept.values() if order in one.places]
        index_of(tx).remove(tx, order, rows)


def _write_rows(
    tx: WriteTx, changed: Sequence[Document], words: Mapping[int, str], known: Iterable[int]
) -> None:
    known = set(known)
    docs = [{"repo_id": d.repo_id, "words": words[d.repo_id]} for d in changed]
    places = [
        {
            "repo_id": d.repo_id,
            "scope": scope(d.kind, private=d.private),
            "name": d.name,
            "weights": d.parameters,
            **{order.value: d.keys.get(order) for order in Order},
        }
        for d in changed
    ]
    for table, rows in ((documents, docs), (keys, places)):
        new = [row for row in rows if row["repo_id"] not in known]
        old = [row for row in rows if row["repo_id"] in known]
        if new:
            tx.sql.execute(sa.insert(table), new)
        for row in old:
            tx.sql.execute(sa.update(table).where(table.c.repo_id == row["repo_id"]).values(**row))


def _move(tx: WriteTx, kept: Mapping[int, Kept], places: Mapping[int, Mapping[Order, int]]) -> None:
    """Move what has another place now: out, in, and the row that remembers it."""
    for order in Order:
        moved = [
            (number, one.places[order], places[number][order], one.words)
            for number, one in kept.items()
            if order in one.places and order in places[number] and one.places[order] != places[number][order]
        ]
        if not moved:
            continue
        index_of(tx).remove(tx, order, [(old, words) for _, old, _, words in moved])
        index_of(tx).add(tx, order, [(new, words) for _, _, new, words in moved])
        column = keys.c[order.value]
        change = (
            sa.update(keys)
            .where(keys.c.repo_id == sa.bindparam("number"))
            .values({column: sa.bindparam("at")})
        )
        tx.sql.execute(change, [{"number": number, "at": new} for number, _, new, _ in moved])


def _kept(tx: ReadTx, numbers: Sequence[int]) -> dict[int, Kept]:
    rows = tx.sql.execute(
        sa.select(documents.c.words, keys)
        .join_from(documents, keys, keys.c.repo_id == documents.c.repo_id)
        .where(documents.c.repo_id.in_(numbers))
    )
    return {
        row.repo_id: Kept(
            as_line(row.words),
            row.name,
            row.weights,
            {order: value for order in Order if (value := row._mapping[order.value]) is not None},  # noqa: SLF001  SQLAlchemy's public name for a row's dict
        )
        for row in rows
    }


def _numbered(tx: WriteTx, found: Sequence[Document]) -> dict[tuple[Kind, str], int]:
    """Return the number of every feature of the documents, giving out new ones."""
    wanted: dict[Kind, dict[str, Feature]] = {}
    for document in found:
        wanted.setdefault(document.kind, {}).update({f.name: f for f in document.features})
    numbers: dict[tuple[Kind, str], int] = {}
    for kind, by_name in wanted.items():
        known = _lookup(tx, kind, by_name)
        if missing := sorted(by_name.keys() - known.keys()):
            _add_features(tx, kind, [by_name[name] for name in missing])
            known |= _lookup(tx, kind, missing)
        numbers |= {(kind, name): number for name, number in known.items()}
    return numbers


def _lookup(tx: ReadTx, kind: Kind, names: Iterable[str]) -> dict[str, int]:
    wanted, found = list(names), dict[str, int]()
    for start in range(0, len(wanted), BATCH):
        numbers = feature_numbers(tx, kind, wanted[start : start + BATCH])
        found |= {name: number for name, (number, _) in numbers.items()}
    return found


def _add_features(tx: WriteTx, kind: Kind, new: Sequence[Feature]) -> None:
    """Add features in name order, so that two writers never wait for each other crosswise; one of them may win."""
    insert = postgresql.insert if tx.sql.dialect.name == "postgresql" else sqlite.insert
    rows = [{"kind": kind.value, "name": f.name, "type": f.type, "label": f.label, "used_by": 0} for f in new]
    tx.sql.execute(insert(features).on_conflict_do_nothing(), rows)


def _count(tx: WriteTx, changed: Mapping[int, tuple[str, str]]) -> None:
    """Tell the counters which public repositories gained and lost which features: old words, new words."""
    gained: dict[int, set[int]] = {}
    lost: dict[int, set[int]] = {}
    for number, (old, new) in changed.items():
        before = features_in(old) if is_public(old) else set()
        after = features_in(new) if is_public(new) else set()
        for feature in after - before:
            gained.setdefault(feature, set()).add(number)
        for feature in before - after:
            lost.setdefault(feature, set()).add(number)
    difference = Counter({feature: len(numbers) for feature, numbers in gained.items()})
    difference.subtract({feature: len(numbers) for feature, numbers in lost.items()})
    rows = [{"number": feature, "more": more} for feature, more in sorted(difference.items()) if more]
    if rows:
        change = sa.update(features).where(features.c.id == sa.bindparam("number"))
        tx.sql.execute(change.values(used_by=features.c.used_by + sa.bindparam("more")), rows)
    flip(tx, gained, lost)
