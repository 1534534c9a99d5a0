"""The WHERE that keeps private things to those who may read them: the same for whatever a namespace owns."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hubkeep.accounts.access import REPOS, Reach, named, reach_of_person, readable
from hubkeep.accounts.types import Actor

Column = sa.ColumnElement[Any]


@dataclass(frozen=True)
class Columns:
    """Where a table says what `Guarded` asks for."""

    id: Column
    owner_id: Column
    private: Column
    resource_group_id: Column


def visible(actor: Actor, things: Columns, what: str = REPOS) -> sa.ColumnElement[bool]:
    """Return the WHERE; it decides as `may` does."""
    if actor.is_admin:
        return sa.true()
    ways = [things.private.is_(False), *_within(readable(actor, what), things)]
    single, groups = named(actor, what)
    if single or groups:
        given = sa.or_(things.id.in_(single), things.resource_group_id.in_(groups))
        ways.append(sa.and_(given, sa.or_(sa.false(), *_within(reach_of_person(actor), things))))
    return sa.or_(*ways)


def _within(reach: Reach, things: Columns) -> list[sa.ColumnElement[bool]]:
    ways: list[sa.ColumnElement[bool]] = []
    if reach.whole:
        ways.append(things.owner_id.in_(reach.whole))
    if reach.plain:
        ways.append(sa.and_(things.owner_id.in_(reach.plain), things.resource_group_id.is_(None)))
    if reach.groups:
        ways.append(things.resource_group_id.in_(reach.groups))
    return ways
