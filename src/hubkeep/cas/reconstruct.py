"""Tell a Xet client how to rebuild a file: which chunks of which xorbs, and where in their bodies they are.

Source: xet contract section 5.2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from hubkeep.cas.errors import BytesGone, RangeBeyondEnd, XetFileNotFound
from hubkeep.cas.recipes import Recipe, Term
from hubkeep.cas.tables import repo_objects, xet_files
from hubkeep.cas.xorbs import Xorb, xorbs_by_id
from hubkeep.kit import ReadTx


@dataclass(frozen=True)
class Piece:
    """Chunks [start, end) of a xorb, `size` bytes of content."""

    xorb: Xorb
    start: int
    end: int
    size: int


@dataclass(frozen=True)
class Fetch:
    """Chunks [start, end) of a xorb, to be fetched as bytes [first, last) of its body."""

    start: int
    end: int
    first: int
    last: int


@dataclass(frozen=True)
class Reconstruction:
    """Pieces in order, of which the first `skip` bytes are dropped; per xorb (by its hash) what to fetch, none overlapping."""

    skip: int
    pieces: Sequence[Piece]
    fetches: dict[str, tuple[Xorb, list[Fetch]]]


def reconstruct(tx: ReadTx, repo_id: int, name: str, start: int, end: int | None) -> Reconstruction:
    """Reconstruction bytes [start, end) of the file with hash `name`, as far as it goes; `end` None means all of it.

    Raises:
        XetFileNotFound: the repository holds no such file, whoever else may.
        RangeBeyondEnd: nothing of the file is in the range. Clients that do not know the size rely on it.
    """
    recipe = _recipe_held(tx, repo_id, name)
    end = recipe.size if end is None else min(end, recipe.size)
    if start >= end and (start or recipe.size):
        raise RangeBeyondEnd(
            start=start, size=recipe.size, headers={"Content-Range": f"bytes */{recipe.size}"}
        )
    terms = list(recipe.covering(start, end - start))
    known = xorbs_by_id(tx, {term.xorb_id for term in terms})
    if gone := {term.xorb_id for term in terms} - known.keys():
        raise BytesGone(what=f"xorb {min(gone)}")
    trimmed = [_trimmed(known[term.xorb_id], term, start, end) for term in terms]
    pieces = [piece for _, piece in trimmed]
    return Reconstruction(trimmed[0][0] if trimmed else 0, pieces, _fetches(pieces))


def _recipe_held(tx: ReadTx, repo_id: int, name: str) -> Recipe:
    """Return the recipe if the repository holds the content: to know a hash is not enough."""
    here = (
        sa.select(xet_files.c.terms)
        .join(repo_objects, repo_objects.c.sha256 == xet_files.c.sha256)
        .where(xet_files.c.hash == name, repo_objects.c.repo_id == repo_id)
    )
    packed = tx.sql.execute(here).scalar()
    if packed is None:
        raise XetFileNotFound(hash=name)
    return Recipe(packed)


def _trimmed(xorb: Xorb, term: Term, start: int, end: int) -> tuple[int, Piece]:
    """Cut a term to the chunks that hold bytes [start, end) of the file; also return how much to skip of the first."""
    base = xorb.ends.content(0, term.start)[1]
    low, high = max(start - term.begin, 0), min(end - term.begin, term.size)
    first, last = xorb.ends.chunk_at(base + low), xorb.ends.chunk_at(base + high - 1) + 1
    begin, stop = xorb.ends.content(first, last)
    return base + low - begin, Piece(xorb, first, last, stop - begin)


def _fetches(pieces: Sequence[Piece]) -> dict[str, tuple[Xorb, list[Fetch]]]:
    """Merge what overlaps or touches, so that nothing is sent twice and one URL carries one range."""
    wanted: dict[str, list[Piece]] = {}
    for piece in pieces:
        wanted.setdefault(piece.xorb.hash, []).append(piece)
    found = {}
    for name, some in wanted.items():
        xorb, merged = some[0].xorb, list[tuple[int, int]]()
        for start, end in sorted({(piece.start, piece.end) for piece in some}):
            if merged and start <= merged[-1][1]:
                merged[-1] = merged[-1][0], max(merged[-1][1], end)
            else:
                merged.append((start, end))
        found[name] = xorb, [Fetch(start, end, *xorb.ends.body(start, end)) for start, end in merged]
    return found
