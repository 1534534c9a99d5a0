"""Small values that an installation makes once and every node must agree on."""

import secrets

import sqlalchemy as sa

from hubkeep.kit.db import Database, WriteTx
from hubkeep.kit.tables import insert_missing, keepsakes


def secret(db: Database, name: str) -> str:
    """Return the secret called `name`, made (256 random bits, URL-safe text) the first time it is asked for."""
    return keep(db, name, secrets.token_urlsafe(32))


def keep(db: Database, name: str, first: str) -> str:
    """Return the value called `name`, which is `first` if nobody set it before; of several nodes, one is first."""
    read = sa.select(keepsakes.c.value).where(keepsakes.c.name == name)
    with db.read() as tx:
        found = tx.sql.execute(read).scalar()
    if found is not None:
        return str(found)
    with db.write() as tx:
        insert_missing(tx.sql, keepsakes, [{"name": name, "value": first}])
        return str(tx.sql.execute(read).scalar_one())


def replace(tx: WriteTx, name: str, value: str) -> None:
    """Set the value called `name`, whatever it was. Nodes that run keep what they read when they started."""
    insert_missing(tx.sql, keepsakes, [{"name": name, "value": value}])
    tx.sql.execute(sa.update(keepsakes).where(keepsakes.c.name == name).values(value=value))
