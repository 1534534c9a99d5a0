"""Read what people did."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from hubkeep.accounts import Actor, owner_named, owners_known
from hubkeep.community.activity.tables import activities
from hubkeep.community.activity.types import Activity, Deed, Feed
from hubkeep.community.follows import followed_by
from hubkeep.community.voice import require_person
from hubkeep.kit import Job, ReadTx, now
from hubkeep.kit.tables import Row
from hubkeep.repos import Kind, Stores, get, infos_of, readable_ids

PAGE, MAX_PAGE = 20, 100
LOOKED_AT = 5_000  # activities that one page of a personal feed looks through at most
KEEP_DAYS = 180
PRUNE = "community.prune_activity"
BATCH = 500


def following(tx: ReadTx, actor: Actor, *, after: int | None = None, limit: int = PAGE) -> Feed:
    """Return what those whom `actor` follows did, and what was done to their repositories.

    A page looks through so many activities and no more, however few of them are of interest. Raises NotSignedIn.
    """
    user_id = require_person(actor)
    newest = tx.sql.execute(sa.select(sa.func.max(activities.c.id))).scalar() or 0
    top = min(newest + 1, after) if after is not None else newest + 1
    bottom = top - LOOKED_AT
    theirs = followed_by(user_id)
    here = sa.and_(
        activities.c.id < top,
        activities.c.id >= bottom,
        activities.c.user_id.is_distinct_from(user_id),
        sa.or_(activities.c.user_id.in_(theirs), activities.c.owner_id.in_(theirs)),
    )
    rows = _rows(tx, actor, here, limit)
    if len(rows) > limit:
        return Feed(_facts(tx, actor, rows[:limit]), rows[limit - 1].id)
    return Feed(_facts(tx, actor, rows), bottom if bottom > 1 else None)


def of_owner(tx: ReadTx, actor: Actor, name: str, *, after: int | None = None, limit: int = PAGE) -> Feed:
    """Return what a person did, or what was done to an organization's repositories. Raises OwnerNotFound."""
    owner = owner_named(tx, name)
    column = activities.c.user_id if owner.kind == "user" else activities.c.owner_id
    return _page(tx, actor, column == owner.id, after, limit)


def of_repo(
    tx: ReadTx, actor: Actor, kind: Kind, full_name: str, *, after: int | None = None, limit: int = PAGE
) -> Feed:
    """Return what was done to a repository. Raises what `get` raises."""
    return _page(tx, actor, activities.c.repo_id == get(tx, actor, kind, full_name).id, after, limit)


def everybody(tx: ReadTx, actor: Actor, *, after: int | None = None, limit: int = PAGE) -> Feed:
    """Return what anybody did, of what `actor` may see."""
    return _page(tx, actor, sa.true(), after, limit)


def prune(stores: Stores, args: Mapping[str, Any]) -> None:
    """Job: once a day, forget what was done long ago."""
    del args
    before = now() - timedelta(days=KEEP_DAYS)
    while True:
        with stores.db.write() as tx:
            old = sa.select(activities.c.id).where(activities.c.at < before).limit(BATCH)
            ids = tx.sql.execute(old).scalars().all()
            tx.sql.execute(sa.delete(activities).where(activities.c.id.in_(ids)))
        if len(ids) < BATCH:
            break
    with stores.db.write() as tx:
        tx.enqueue(Job(PRUNE, delay=24 * 3600))


def _page(tx: ReadTx, actor: Actor, which: sa.ColumnElement[bool], after: int | None, limit: int) -> Feed:
    here = which if after is None else sa.and_(which, activities.c.id < after)
    rows = _rows(tx, actor, here, limit)
    return Feed(_facts(tx, actor, rows[:limit]), rows[limit - 1].id if len(rows) > limit else None)


def _rows(tx: ReadTx, actor: Actor, here: sa.ColumnElement[bool], limit: int) -> Sequence[Row]:
    seen = sa.and_(here, activities.c.repo_id.in_(readable_ids(actor)))
    return tx.sql.execute(
        sa.select(activities).where(seen).order_by(activities.c.id.desc()).limit(limit + 1)
    ).all()


def _facts(tx: ReadTx, actor: Actor, rows: Sequence[Row]) -> list[Activity]:
    repos = {info.repo.id: info.repo for info in infos_of(tx, actor, sorted({row.repo_id for row in rows}))}
    people = owners_known(tx, {row.user_id for row in rows if row.user_id is not None})
    return [
        Activity(
            row.id,
            Deed(row.deed),
            row.at,
            people.get(row.user_id),
            repos[row.repo_id],
            json.loads(row.data),
        )
        for row in rows
        if row.repo_id in repos
    ]
