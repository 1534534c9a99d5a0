"""Which repositories can match at all, as one set of bits: PostgreSQL sifts the rows of an order with it, a bit a row."""

from dataclasses import dataclass
from functools import reduce

import numpy as np
import sqlalchemy as sa

from hubkeep.kit import ReadTx
from hubkeep.search.bits import Bits, kept_as_bits, load
from hubkeep.search.expression import Expression, tsquery
from hubkeep.search.tables import documents
from hubkeep.search.types import Match

MOST_PRIVATE = 500  # private repositories of the actor's that are looked up one by one


@dataclass(frozen=True)
class Sieve:
    """A set of repositories: bit n tells of number n; `size` is how many there are."""

    bits: bytes
    size: int

    def numbers(self) -> list[int]:
        """Return the numbers of all that are in it."""
        flags = np.unpackbits(np.frombuffer(self.bits, np.uint8), bitorder="little")
        return [int(number) for number in np.flatnonzero(flags)]


def sieve_of(tx: ReadTx, match: Match, question: Expression) -> Sieve | None:
    """Return the set of those that match but for texts and bounds; None where sets do not tell.

    They tell of public repositories and of features that lists are narrowed by; the private ones that the actor may see are
    looked up, if they are not too many.
    """
    features = match.features
    if not features or match.readers is None or not match.told:
        return None
    if len(kept_as_bits(tx, features)) < len(features):
        return None
    public: Bits = reduce(np.bitwise_and, load(tx, features).values())
    private = private_numbers(tx, question)
    if private is None:
        return None
    if private:
        public = _with(public, private)
    return Sieve(public.tobytes(), int(np.bitwise_count(public).sum()))


def private_numbers(tx: ReadTx, question: Expression) -> list[int] | None:
    """Return the private repositories that match, None when there are too many to look up (500)."""
    if len(question.alternatives) < 2:
        return []
    asked = tsquery(Expression(question.alternatives[1:]))
    wanted = sa.select(documents.c.repo_id).where(sa.text("words @@ CAST(:asked AS tsquery)"))
    found = tx.sql.execute(wanted.limit(MOST_PRIVATE + 1), {"asked": asked}).scalars().all()
    return list(found) if len(found) <= MOST_PRIVATE else None


def _with(one: Bits, numbers: list[int]) -> Bits:
    size = max(len(one), max(numbers) // 8 + 1)
    grown = np.concatenate([one, np.zeros(size - len(one), np.uint8)])
    more = np.zeros(size * 8, np.bool_)
    more[numbers] = True
    joined: Bits = grown | np.packbits(more, bitorder="little")
    return joined
