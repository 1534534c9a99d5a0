"""Check that every large object has its bytes: whole blobs, recipes, the xorbs that recipes are made of."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hubkeep.cas.queries import batches
from hubkeep.cas.read import read_range
from hubkeep.cas.recipes import Recipe
from hubkeep.cas.tables import objects, repo_objects, xet_files, xorbs
from hubkeep.cas.types import StoredObject
from hubkeep.cas.whole import blob_key
from hubkeep.cas.xorb_format import Ends
from hubkeep.cas.xorbs import xorb_key
from hubkeep.kit import Database, HubError
from hubkeep.storage import BlobNotFound, Blobs, Stat

PAGE = 1000


@dataclass(frozen=True)
class Damaged:
    """What is wrong with an object (by its sha256) or a xorb (by its hash), and the repositories that hold it."""

    name: str
    what: str
    repo_ids: tuple[int, ...] = ()


def fsck(db: Database, blobs: Blobs, tally: "Counter[str]", *, deep: bool = False) -> Iterator[Damaged]:
    """Yield all damage; count in `tally` what was looked at. `deep` reads every byte and recomputes every sha256.

    Blobs are listed, not asked for one by one. Safe beside a running hub: a suspicion is looked into before it is told.
    """
    yield from _whole_blobs(db, blobs, tally)
    yield from _recipes(db, tally)
    yield from _xorbs(db, blobs, tally)
    if deep:
        yield from _contents(db, blobs, tally)


def _whole_blobs(db: Database, blobs: Blobs, tally: "Counter[str]") -> Iterator[Damaged]:
    for rows in _pages(db, objects.c.sha256, objects.c.size, objects.c.whole, objects.c.xet_hash):
        tally["objects"] += len(rows)
        tally["bytes"] += sum(row.size for row in rows)
        known = _recipes_there(db, [row.xet_hash for row in rows if row.xet_hash])
        for row in rows:
            if row.xet_hash and row.xet_hash not in known and _still(db, objects.c.sha256, row):
                yield _object(db, row.sha256, f"its recipe {row.xet_hash} is missing")
            if not row.whole and not row.xet_hash:
                yield _object(db, row.sha256, "it is neither a blob nor a recipe")
    wanted = (
        (blob_key(row.sha256), row.size, row)
        for rows in _pages(db, objects.c.sha256, objects.c.size, objects.c.whole)
        for row in rows
        if row.whole
    )
    for row, what in _compare(wanted, blobs, "lfs/"):
        if _still(db, objects.c.sha256, row):
            yield _object(db, row.sha256, what)


def _xorbs(db: Database, blobs: Blobs, tally: "Counter[str]") -> Iterator[Damaged]:
    columns = (xorbs.c.hash, xorbs.c.body, xorbs.c.bytes, xorbs.c.size, xorbs.c.source, xorbs.c.source_at)
    for rows in _pages(db, *columns):
        tally["xorbs"] += len(rows)
        for row in rows:
            if row.body is None and (what := _cut_wrong(blobs, row)) and _still(db, xorbs.c.hash, row):
                yield Damaged(row.hash, what)
    wanted = (
        (xorb_key(row.hash, row.body), row.bytes, row)
        for rows in _pages(db, *columns)
        for row in rows
        if row.body is not None
    )
    for row, what in _compare(wanted, blobs, "xorbs/"):
        if _still(db, xorbs.c.hash, row):
            yield Damaged(row.hash, f"xorb: {what}")


def _recipes(db: Database, tally: "Counter[str]") -> Iterator[Damaged]:
    for rows in _pages(db, xet_files.c.hash, xet_files.c.sha256, xet_files.c.size, xet_files.c.terms):
        tally["recipes"] += len(rows)
        for row in rows:
            what = _recipe_wrong(db, Recipe(row.terms), row.size)
            if what and _still(db, xet_files.c.hash, row):
                yield _object(db, row.sha256, f"recipe {row.hash}: {what}")


def _contents(db: Database, blobs: Blobs, tally: "Counter[str]") -> Iterator[Damaged]:
    """Read everything, each way in which it can be read."""
    for rows in _pages(db, objects.c.sha256, objects.c.size, objects.c.whole, objects.c.xet_hash):
        for row in rows:
            ways = [StoredObject(row.sha256, row.size, True)] if row.whole else []
            ways += [StoredObject(row.sha256, row.size, False, row.xet_hash)] if row.xet_hash else []
            for stored in ways:
                way = "blob" if stored.whole else "reconstruction"
                try:
                    digest = hashlib.sha256()
                    for piece in read_range(db, blobs, stored, 0, stored.size):
                        digest.update(piece)
                    what = "" if digest.hexdigest() == row.sha256 else f"the sha256 is {digest.hexdigest()}"
                except HubError as error:
                    what = str(error)
                tally["bytes read"] += row.size
                if what and _still(db, objects.c.sha256, row):
                    yield _object(db, row.sha256, f"{way}: {what}")


def _recipe_wrong(db: Database, recipe: Recipe, size: int) -> str | None:
    if recipe.size != size:
        return f"its terms make {recipe.size} bytes instead of {size}"
    for batch in batches(set(recipe.terms["xorb"].tolist())):
        with db.read() as tx:
            found = tx.sql.execute(sa.select(xorbs.c.id, xorbs.c.ends).where(xorbs.c.id.in_(batch)))
            ends = {row.id: Ends(row.ends) for row in found}
        if gone := set(batch) - ends.keys():
            return f"xorb number {min(gone)} is missing"
        for xorb, start, end, bytes_ in recipe.terms.tolist():
            if xorb not in ends:
                continue
            if not start < end <= len(ends[xorb]):
                return f"xorb number {xorb} has no chunks {start} to {end}"
            first, last = ends[xorb].content(start, end)
            if last - first != bytes_:
                return f"chunks {start} to {end} of xorb number {xorb} have {last - first} bytes instead of {bytes_}"
    return None


def _cut_wrong(blobs: Blobs, row: Any) -> str | None:
    """Look at a xorb that is a part of a whole blob."""
    try:
        found = blobs.stat(blob_key(row.source)).size
    except BlobNotFound:
        return f"xorb: the blob {row.source} that it was cut from is missing"
    end = row.source_at + row.size
    return None if end <= found else f"xorb: the blob {row.source} ends at {found}, before its end at {end}"


def _compare(wanted: Iterable[tuple[str, int, Any]], blobs: Blobs, prefix: str) -> Iterator[tuple[Any, str]]:
    """Walk wanted keys and stored blobs side by side, both in key order; yield rows whose blob is missing or too short."""
    stored = iter(blobs.list(prefix))
    at = next(stored, None)
    for key, size, row in wanted:
        while at is not None and at.key < key:
            at = next(stored, None)
        found = at if at is not None and at.key == key else _look(blobs, key)
        if found is None:
            yield row, f"its blob {key} is missing"
        elif found.size != size:
            yield row, f"its blob {key} has {found.size} bytes instead of {size}"


def _look(blobs: Blobs, key: str) -> Stat | None:
    """Look again: the blob may have come after the list had passed it."""
    try:
        return blobs.stat(key)
    except BlobNotFound:
        return None


def _pages(db: Database, name: sa.Column[str], *columns: sa.Column[Any]) -> Iterator[list[Any]]:
    """Yield all rows in the order of `name`, a page at a time, no transaction held in between."""
    last = ""
    while True:
        page = sa.select(name, *columns).where(name > last).order_by(name).limit(PAGE)
        with db.read() as tx:
            rows = list(tx.sql.execute(page))
        if not rows:
            return
        yield rows
        last = rows[-1][0]


def _still(db: Database, name: sa.Column[str], row: Any) -> bool:
    """Tell whether the row is still there, unchanged in what was asked of it."""
    columns = [name.table.c[key] for key in row._fields]
    with db.read() as tx:
        return bool(tx.sql.execute(sa.select(*columns).where(name == row[0])).first() == row)


def _recipes_there(db: Database, hashes: list[str]) -> set[str]:
    with db.read() as tx:
        return {
            found
            for batch in batches(hashes)
            for found in tx.sql.execute(
                sa.select(xet_files.c.hash).where(xet_files.c.hash.in_(batch))
            ).scalars()
        }


def _object(db: Database, sha256: str, what: str) -> Damaged:
    holders = sa.select(repo_objects.c.repo_id).where(repo_objects.c.sha256 == sha256).limit(PAGE)
    with db.read() as tx:
        return Damaged(sha256, what, tuple(tx.sql.execute(holders).scalars()))
