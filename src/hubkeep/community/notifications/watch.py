"""Watch repositories, users and organizations, or stop hearing of them."""

from collections.abc import Sequence

import sqlalchemy as sa

from hubkeep.accounts import Action, Actor, OwnerKind, owners_known
from hubkeep.community.notifications.errors import NothingToWatch
from hubkeep.community.notifications.tables import watches
from hubkeep.community.notifications.types import Target, Watched, WatchState
from hubkeep.community.voice import require_person, require_voice
from hubkeep.kit import BadInput, ReadTx, WriteTx
from hubkeep.kit.tables import insert_missing
from hubkeep.repos import RepoNotFound, get_by_id

MAX_AT_ONCE = 1000
MAX_SHOWN = 10_000


def watch(tx: WriteTx, actor: Actor, add: Sequence[Target], remove: Sequence[Target]) -> WatchState:
    """Watch `add`; do not hear of `remove` any longer, also where one's own organization would be watched by itself.

    Raises:
        NothingToWatch: for something that is not there, or is private to the actor.
        BadInput, NotSignedIn, NotAllowed.
    """
    user_id = require_voice(actor, "watch repositories")
    if len(add) + len(remove) > MAX_AT_ONCE:
        raise BadInput(field="add", reason=f"at most {MAX_AT_ONCE:,} at once")
    for target in (*add, *remove):
        _check(tx, actor, target)
    for target, listens in [*((one, True) for one in add), *((one, False) for one in remove)]:
        key = {"user_id": user_id, "kind": target.kind.value, "target_id": target.id}
        insert_missing(tx.sql, watches, [{**key, "listens": listens}])
        here = sa.and_(*(watches.c[name] == value for name, value in key.items()))
        tx.sql.execute(sa.update(watches).where(here).values(listens=listens))
    return watched(tx, actor)


def watched(tx: ReadTx, actor: Actor) -> WatchState:
    """Return what the actor watches and what they muted. Raises NotSignedIn."""
    user_id = require_person(actor)
    mine = sa.select(watches).where(watches.c.user_id == user_id)
    rows = tx.sql.execute(mine.order_by(watches.c.kind, watches.c.target_id).limit(MAX_SHOWN)).all()
    return WatchState(
        [Target(Watched(row.kind), row.target_id) for row in rows if row.listens],
        [Target(Watched(row.kind), row.target_id) for row in rows if not row.listens],
    )


def listens(tx: ReadTx, actor: Actor, target: Target) -> bool | None:
    """Return whether the actor watches something (True) or muted it (False); None when they never said."""
    mine = sa.and_(
        watches.c.user_id == actor.user_id,
        watches.c.kind == target.kind.value,
        watches.c.target_id == target.id,
    )
    row = tx.sql.execute(sa.select(watches.c.listens).where(mine)).first()
    return None if row is None else bool(row.listens)


def forget(tx: WriteTx, actor: Actor, target: Target) -> None:
    """Neither watch nor mute something any longer. Raises NotSignedIn, NotAllowed."""
    user_id = require_voice(actor, "watch repositories")
    mine = sa.and_(
        watches.c.user_id == user_id,
        watches.c.kind == target.kind.value,
        watches.c.target_id == target.id,
    )
    tx.sql.execute(sa.delete(watches).where(mine))


def _check(tx: ReadTx, actor: Actor, target: Target) -> None:
    if target.kind is Watched.REPO:
        try:
            get_by_id(tx, actor, target.id, Action.READ)
        except RepoNotFound:
            raise NothingToWatch(kind="repo", id=target.id) from None
        return
    owner = owners_known(tx, [target.id]).get(target.id)
    if owner is None or owner.kind is not OwnerKind(target.kind.value):
        raise NothingToWatch(kind=target.kind.value, id=target.id)
