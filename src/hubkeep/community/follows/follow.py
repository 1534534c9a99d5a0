"""Follow a user or an organization, or not any longer; and who does."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from hubkeep.accounts import Actor, Owner, OwnerKind, OwnerNotFound, owner_named, owners_known
from hubkeep.community.follows.events import OwnerFollowed
from hubkeep.community.follows.tables import follow_totals, follows
from hubkeep.community.voice import require_voice
from hubkeep.kit import BadInput, ReadTx, WriteTx, now
from hubkeep.kit.tables import insert_missing

PAGE = 500


@dataclass(frozen=True)
class Follows:
    """A page of users and organizations; `next` is where the next one starts, None at the end."""

    items: Sequence[Owner]
    next: int | None


@dataclass(frozen=True)
class Totals:
    """How many follow an owner, how many they follow, and whether the actor is one of the former."""

    followers: int = 0
    following: int = 0
    mine: bool = False


def follow(tx: WriteTx, actor: Actor, name: str, *, on: bool) -> Owner:
    """Follow somebody, or take it back; doing either twice changes nothing.

    Raises:
        OwnerNotFound, NotSignedIn, NotAllowed.
        BadInput: nobody follows themselves.
    """
    owner = owner_named(tx, name)
    user_id = require_voice(actor, "follow people")
    if owner.id == user_id:
        raise BadInput(field="name", reason="you cannot follow yourself")
    mine = sa.and_(follows.c.user_id == user_id, follows.c.owner_id == owner.id)
    if on:
        there = tx.sql.execute(sa.select(follows.c.id).where(mine)).first() is not None
        row = {"user_id": user_id, "owner_id": owner.id, "at": now()}
        changed = not there and insert_missing(tx.sql, follows, [row]) > 0
    else:
        changed = tx.sql.execute(sa.delete(follows).where(mine)).rowcount > 0
    if changed:
        count_follow(tx, user_id, owner.id, 1 if on else -1)
        if on:
            tx.emit(OwnerFollowed(owner, user_id))
    return owner


def followers(
    tx: ReadTx,
    actor: Actor,
    name: str,
    kind: OwnerKind | None = None,
    *,
    after: int | None = None,
    limit: int = PAGE,
) -> Follows:
    """Return who follows a user or organization, the latest first. Raises OwnerNotFound; a `kind` must fit."""
    del actor
    owner = _owner(tx, name, kind)
    return _page(tx, follows.c.owner_id == owner.id, "user_id", after, limit)


def following(tx: ReadTx, actor: Actor, name: str, *, after: int | None = None, limit: int = PAGE) -> Follows:
    """Return whom somebody follows, the latest first. Raises OwnerNotFound."""
    del actor
    owner = _owner(tx, name, OwnerKind.USER)
    return _page(tx, follows.c.user_id == owner.id, "owner_id", after, limit)


def totals(tx: ReadTx, actor: Actor, owner_id: int) -> Totals:
    """Return the numbers of a profile."""
    row = tx.sql.execute(sa.select(follow_totals).where(follow_totals.c.owner_id == owner_id)).first()
    mine = sa.select(follows.c.id).where(follows.c.user_id == actor.user_id, follows.c.owner_id == owner_id)
    is_mine = actor.user_id is not None and tx.sql.execute(mine).first() is not None
    return Totals(row.followers, row.following, is_mine) if row is not None else Totals(mine=is_mine)


def followed_by(user_id: int) -> sa.Select[tuple[int]]:
    """Return whom somebody follows, as a sub-query of numbers."""
    return sa.select(follows.c.owner_id).where(follows.c.user_id == user_id)


def _owner(tx: ReadTx, name: str, kind: OwnerKind | None) -> Owner:
    owner = owner_named(tx, name)
    if kind is not None and owner.kind is not kind:
        raise OwnerNotFound(name=name)
    return owner


def _page(tx: ReadTx, which: sa.ColumnElement[bool], column: str, after: int | None, limit: int) -> Follows:
    page = sa.select(follows).where(which)
    if after is not None:
        page = page.where(follows.c.id < after)
    rows = tx.sql.execute(page.order_by(follows.c.id.desc()).limit(limit + 1)).all()
    ids = [int(getattr(row, column)) for row in rows[:limit]]
    people = owners_known(tx, ids)
    return Follows(
        [people[one] for one in ids if one in people], rows[limit - 1].id if len(rows) > limit else None
    )


def count_follow(tx: WriteTx, user_id: int, owner_id: int, by: int) -> None:
    """Add to both totals, in number order: two who follow each other at once wait for one another, not for ever."""
    for number, column in sorted([(user_id, "following"), (owner_id, "followers")]):
        insert_missing(tx.sql, follow_totals, [{"owner_id": number}])
        here = sa.update(follow_totals).where(follow_totals.c.owner_id == number)
        tx.sql.execute(here.values({column: follow_totals.c[column] + by}))
