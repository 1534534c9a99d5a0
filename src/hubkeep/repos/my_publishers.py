"""CI jobs that a person trusts to read in their name: what is public, and what is behind gates that let them in.

Source: hub-platform contract 1.3.
"""

import json
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from hubkeep.accounts import Actor, NotAllowed, NotSignedIn, audit
from hubkeep.kit import ReadTx, WriteTx
from hubkeep.repos.tables import trusted_publishers
from hubkeep.repos.trusted_publishers import (
    Publisher,
    PublisherNotFound,
    as_publisher,
    keep_publisher,
    publisher_rows,
)


def my_publishers(tx: ReadTx, actor: Actor) -> list[Publisher]:
    """Return whom the actor trusts. Raises NotSignedIn, NotAllowed."""
    return [as_publisher(row) for row in publisher_rows(tx, None, _person(actor))]


def add_my_publisher(
    tx: WriteTx, actor: Actor, issuers: Sequence[str], issuer: str, claims: Mapping[str, str]
) -> Publisher:
    """Trust jobs that are described so. Raises NotSignedIn, NotAllowed, BadInput."""
    user_id = _person(actor)
    found = keep_publisher(tx, user_id, None, issuers, issuer, claims)
    told = {"issuer": issuer, "claims": found.claims}
    audit(tx, actor, "user.add_trusted_publisher", owner_id=user_id, data=told)
    return found


def delete_my_publisher(tx: WriteTx, actor: Actor, publisher_id: int) -> None:
    """Trust no longer. Tokens that were given work until they are over. Raises NotSignedIn, NotAllowed, PublisherNotFound."""
    user_id = _person(actor)
    here = sa.and_(
        trusted_publishers.c.id == publisher_id,
        trusted_publishers.c.repo_id.is_(None),
        trusted_publishers.c.user_id == user_id,
    )
    found = tx.sql.execute(sa.select(trusted_publishers).where(here)).first()
    if found is None:
        raise PublisherNotFound
    tx.sql.execute(sa.delete(trusted_publishers).where(here))
    told = {"issuer": found.issuer, "claims": json.loads(found.claims)}
    audit(tx, actor, "user.delete_trusted_publisher", owner_id=user_id, data=told)


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotSignedIn
    if actor.token is not None:
        raise NotAllowed(what="say with a token whom you trust")
    return actor.user_id
