"""A person's switches: which kinds of messages they want, on the web and by mail."""

import json
from collections.abc import Collection, Mapping

import sqlalchemy as sa

from hubkeep.accounts import Actor
from hubkeep.community.notifications.tables import notification_settings
from hubkeep.community.notifications.types import SWITCHES
from hubkeep.community.voice import require_person, require_voice
from hubkeep.kit import BadInput, ReadTx, WriteTx
from hubkeep.kit.tables import insert_missing


def switches(tx: ReadTx, actor: Actor) -> dict[str, bool]:
    """Return the actor's switches. Raises NotSignedIn."""
    user_id = require_person(actor)
    return switches_of(tx, [user_id])[user_id]


def set_switches(tx: WriteTx, actor: Actor, changes: Mapping[str, bool]) -> dict[str, bool]:
    """Change some. Raises BadInput naming an unknown one, NotSignedIn, NotAllowed."""
    user_id = require_voice(actor, "change notification settings")
    if unknown := changes.keys() - SWITCHES.keys():
        raise BadInput(field=f"notifications.{min(unknown)}", reason="there is no such setting")
    now = switches_of(tx, [user_id])[user_id] | dict(changes)
    kept = {name: value for name, value in now.items() if value != SWITCHES[name]}
    insert_missing(tx.sql, notification_settings, [{"user_id": user_id, "switches": "{}"}])
    here = sa.update(notification_settings).where(notification_settings.c.user_id == user_id)
    tx.sql.execute(here.values(switches=json.dumps(kept)))
    return now


def switches_of(tx: ReadTx, user_ids: Collection[int]) -> dict[int, dict[str, bool]]:
    """Return the switches of people, by number; no permission asked."""
    found = {user_id: dict(SWITCHES) for user_id in user_ids}
    rows = tx.sql.execute(
        sa.select(notification_settings).where(notification_settings.c.user_id.in_(list(found)))
    )
    for row in rows:
        found[row.user_id] |= json.loads(row.switches)
    return found
