"""Small values that an installation makes once and every node must agree on."""

import secrets

import sqlalchemy as sa

from hubkeep.kit.db import Database
from hubkeep.kit.tables import keepsakes


def secret(db: Database, name: str) -> str:
    """Return the secret called `name`, made (256 random bits, URL-safe text) the first time it is asked for."""
    return keep(db, name, secrets.token_urlsafe(32))


def keep(db: Database, name: str, first: str) -> str:
    """Return the value called `name`, which is `first` if nobody set it before."""
    read = sa.select(keepsakes.c.value).where(keepsakes.c.name == name)
    with db.read() as tx:
        found = tx.sql.execute(read).scalar()
    if found is not None:
        return str(found)
    with db.write() as tx:
        found = tx.sql.execute(read).scalar()  # another node may have won since
        if found is None:
            tx.sql.execute(sa.insert(keepsakes).values(name=name, value=first))
            return first
        return str(found)
