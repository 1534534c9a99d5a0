"""Index very many repositories at once, and build the orders in one go, which is the fast way."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import sqlalchemy as sa

from hubkeep.kit import Database, WriteTx
from hubkeep.kit.bulk import insert_rows, make_room
from hubkeep.repos import Info
from hubkeep.search.bits import KEPT, load, save
from hubkeep.search.engine import index_of
from hubkeep.search.features import document_of
from hubkeep.search.tables import bits, days, documents, features, keys
from hubkeep.search.types import Document, Feature, Order
from hubkeep.search.words import scope, words_of


class Filler:
    """Takes repositories that are new to the index, in batches, in ascending order of their numbers.

    `finish` makes them findable. Meanwhile nobody else may write.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        with db.read() as tx:
            rows = tx.sql.execute(sa.select(features.c.kind, features.c.name, features.c.id)).all()
            self._next = 1 + (tx.sql.execute(sa.select(sa.func.max(features.c.id))).scalar() or 0)
        self._numbers = {(row.kind, row.name): row.id for row in rows}
        self._used: dict[int, int] = defaultdict(int)
        self._sets: dict[int, list[int]] = defaultdict(list)

    def add(self, tx: WriteTx, infos: Sequence[Info], active: Mapping[int, int]) -> None:
        """Write what the index knows of them, but for the orders; `active` is the day of each one's downloads and late likes."""
        found = [document_of(info) for info in infos]
        self._number(tx, found)
        docs, places = [], []
        for one in found:
            kind = one.kind.value
            numbers = [self._numbers[kind, feature.name] for feature in one.features]
            docs.append((one.repo_id, words_of(one, numbers)))
            before = scope(one.kind, private=one.private)
            places.append(
                (one.repo_id, before, one.name, one.parameters, *(one.keys.get(order) for order in Order))
            )
            if not one.private:
                self._note(one, numbers)
        insert_rows(tx, documents, ["repo_id", "words"], docs)
        counts = [
            (i.repo.id, active[i.repo.id], i.repo.downloads, i.repo.likes_30d)
            for i in infos
            if i.repo.id in active
        ]
        insert_rows(tx, days, ["repo_id", "day", "downloads", "likes"], counts)
        insert_rows(
            tx, keys, ["repo_id", "scope", "name", "weights", *(order.value for order in Order)], places
        )

    def finish(self) -> None:
        """Write counters and sets, and build every order."""
        with self._db.write() as tx:
            rows = [{"number": number, "more": more} for number, more in sorted(self._used.items())]
            if rows:
                change = sa.update(features).where(features.c.id == sa.bindparam("number"))
                tx.sql.execute(change.values(used_by=features.c.used_by + sa.bindparam("more")), rows)
            self._save_sets(tx)
        for order in Order:
            with self._db.write() as tx:
                make_room(tx)
                index_of(tx).fill(tx, order)

    def _number(self, tx: WriteTx, found: Iterable[Document]) -> None:
        new: dict[tuple[str, str], Feature] = {}
        for one in found:
            for feature in one.features:
                key = one.kind.value, feature.name
                if key not in self._numbers:
                    new.setdefault(key, feature)
        rows = []
        for (kind, name), feature in new.items():
            self._numbers[kind, name] = self._next
            rows.append((self._next, kind, name, feature.type, feature.label, 0))
            self._next += 1
        insert_rows(tx, features, ["id", "kind", "name", "type", "label", "used_by"], rows)
        if rows and tx.sql.dialect.name == "postgresql":
            tx.sql.exec_driver_sql(
                "SELECT setval(pg_get_serial_sequence('search_features', 'id'), %(last)s)",
                {"last": self._next - 1},
            )

    def _note(self, one: Document, numbers: Sequence[int]) -> None:
        for feature, number in zip(one.features, numbers, strict=True):
            self._used[number] += 1
            if feature.type in KEPT:
                self._sets[number].append(one.repo_id)

    def _save_sets(self, tx: WriteTx) -> None:
        """Write the sets, joined with what they held before."""
        wanted = sorted(self._sets)
        for start in range(0, len(wanted), 100):
            some = wanted[start : start + 100]
            old = load(tx, some)
            tx.sql.execute(sa.delete(bits).where(bits.c.feature_id.in_(some)))
            joined = {
                number: np.union1d(
                    np.flatnonzero(np.unpackbits(old[number], bitorder="little")),
                    np.array(self._sets[number]),
                ).astype(np.int64)
                for number in some
            }
            save(tx, joined)
