"""Find users and organizations by a piece of their name."""

import sqlalchemy as sa

from hubkeep.accounts import Owner, OwnerKind, owners_by_id
from hubkeep.kit import ReadTx, WriteTx
from hubkeep.search.engine import index_of
from hubkeep.search.expression import Expression
from hubkeep.search.features import plain
from hubkeep.search.filters import searched
from hubkeep.search.tables import people
from hubkeep.search.words import grams, grams_to_find

CANDIDATES = 200  # names looked at before the best are chosen
_SCOPES = {OwnerKind.USER: "pu", OwnerKind.ORG: "po"}


def put_person(tx: WriteTx, owner: Owner) -> None:
    """Make the index say what a user or organization is called."""
    name = f"{owner.name}\n{plain(owner.fullname)}".lower()
    before = _SCOPES[owner.kind]
    words = " ".join(sorted(before + gram for gram in {"", *grams(name)}))
    drop_person(tx, owner.id)
    tx.sql.execute(sa.insert(people).values(owner_id=owner.id, words=words, name=name))
    index_of(tx).add_person(tx, owner.id, words)


def drop_person(tx: WriteTx, owner_id: int) -> None:
    """Take a user or organization out."""
    here = people.c.owner_id == owner_id
    old = tx.sql.execute(sa.select(people.c.words).where(here)).scalar()
    if old is not None:
        index_of(tx).remove_person(tx, owner_id, old)
        tx.sql.execute(sa.delete(people).where(here))


def find_people(tx: ReadTx, kind: OwnerKind, text: str, limit: int) -> list[Owner]:
    """Return users or organizations whose name or full name contains every word of `text`: exact first, then shortest."""
    words = searched([text])
    if not words:
        return []
    before = _SCOPES[kind]
    groups = [[before + gram] for word in words for gram in dict.fromkeys(grams_to_find(word))]
    longest = max(words, key=len)
    found = index_of(tx).people(tx, Expression([groups]), longest, CANDIDATES)
    owners = owners_by_id(tx, found).values()
    matching = [owner for owner in owners if all(word in _name(owner) for word in words)]
    return sorted(matching, key=lambda owner: _closeness(owner, words[0]))[:limit]


def _name(owner: Owner) -> str:
    return f"{owner.name}\n{owner.fullname}".lower()


def _closeness(owner: Owner, word: str) -> tuple[bool, bool, int, str]:
    name = owner.name.lower()
    return name != word, not name.startswith(word), len(name), name
