"""Every public repository, in bounded pieces that never shift: for the map that search engines read."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hubkeep.kit import ReadTx
from hubkeep.repos.tables import repos
from hubkeep.repos.types import Kind


@dataclass(frozen=True)
class PublicRepo:
    """A repository that anybody may see, and when it last changed."""

    kind: Kind
    full_name: str
    last_modified: datetime


def newest_number(tx: ReadTx) -> int:
    """Return the number of the newest repository, 0 when there is none."""
    return tx.sql.execute(sa.select(sa.func.max(repos.c.id))).scalar() or 0


def public_between(tx: ReadTx, first: int, last: int) -> list[PublicRepo]:
    """Return the public repositories with numbers from `first` to `last`, in number order; disabled ones are left out."""
    shown = sa.and_(repos.c.id.between(first, last), repos.c.private.is_(False), repos.c.disabled.is_(False))
    columns = (repos.c.kind, repos.c.owner, repos.c.name, repos.c.last_modified)
    rows = tx.sql.execute(sa.select(*columns).where(shown).order_by(repos.c.id))
    return [PublicRepo(Kind(row.kind), f"{row.owner}/{row.name}", row.last_modified) for row in rows]
