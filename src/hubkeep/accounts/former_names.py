"""Names that users and organizations had before: they lead to the present one, and nobody else may take them."""

from urllib.parse import quote, unquote

import sqlalchemy as sa

from hubkeep.accounts.errors import NameTaken, OwnerMoved, OwnerNotFound
from hubkeep.accounts.tables import former_owner_names, owners, users
from hubkeep.accounts.types import Owner
from hubkeep.kit import ReadTx, WriteTx, now

MAX_FORMER = 10  # names that one owner keeps from others


def former_owner(tx: ReadTx, name: str, *, disabled: bool = False) -> Owner | None:
    """Return who was called `name` before; `disabled` people only when asked for. Asked only when nobody is called so now."""
    old = former_owner_names.c
    shown = sa.true() if disabled else sa.or_(users.c.disabled.is_(None), users.c.disabled.is_(False))
    found = (
        sa.select(owners)
        .join(former_owner_names, old.owner_id == owners.c.id)
        .outerjoin(users, users.c.id == owners.c.id)
        .where(old.name_lower == name.lower()[:200], shown)
    )
    row = tx.sql.execute(found).first()
    return Owner.of(row) if row is not None else None


def names_of_owner(tx: ReadTx, owner_id: int) -> list[str]:
    """Return every name that an owner had before, in lower case."""
    mine = sa.select(former_owner_names.c.name_lower).where(former_owner_names.c.owner_id == owner_id)
    return list(tx.sql.execute(mine.order_by(former_owner_names.c.name_lower)).scalars())


def missing_owner(tx: ReadTx, name: str) -> OwnerNotFound:
    """Build the refusal for a name that nobody has: it tells who had it."""
    owner = former_owner(tx, name)
    return OwnerMoved(name=name, to=owner.name) if owner is not None else OwnerNotFound(name=name)


def require_never_taken(tx: ReadTx, name: str, owner_id: int) -> None:
    """Raise NameTaken if `name` was another owner's. Ask after it was written: then nobody can give it up meanwhile."""
    old = former_owner_names.c
    other = sa.select(old.owner_id).where(old.name_lower == name.lower(), old.owner_id != owner_id)
    if tx.sql.execute(other).first() is not None:
        raise NameTaken(name=name)


def remember_name(tx: WriteTx, owner_id: int, old: str, new: str) -> int:
    """Keep `old` for its owner, who is called `new` now; return how many names are kept for them."""
    mine = former_owner_names.c.owner_id == owner_id
    back = sa.and_(mine, former_owner_names.c.name_lower == new.lower())
    tx.sql.execute(sa.delete(former_owner_names).where(back))
    if old.lower() != new.lower():
        row = {"name_lower": old.lower(), "owner_id": owner_id, "at": now()}
        tx.sql.execute(sa.insert(former_owner_names).values(**row))
    count = sa.select(sa.func.count()).select_from(former_owner_names).where(mine)
    return int(tx.sql.execute(count).scalar_one())


def path_under(path: str, old: str, new: str) -> str | None:
    """Put an owner's new name into an undecoded path; None if the old one, in any case, is no segment of it.

    >>> path_under("/api/organizations/Old%2Done/members", "old-one", "new")
    '/api/organizations/new/members'
    """
    segments = ["", *path.lstrip("/").split("/")]  # one slash: with two, it would name another host
    for place, segment in enumerate(segments):
        if unquote(segment).lower() == old.lower():
            return "/".join([*segments[:place], quote(new, safe=""), *segments[place + 1 :]])
    return None
