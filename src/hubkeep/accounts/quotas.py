"""How much somebody may keep: the hub's default for their kind, or a number of their own that an operator gave them."""

from collections.abc import Collection
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from hubkeep.accounts.audit import audit
from hubkeep.accounts.audit_entries import require_operator
from hubkeep.accounts.queries import owner_named
from hubkeep.accounts.tables import owners, quotas
from hubkeep.accounts.types import Actor, OwnerKind
from hubkeep.kit import BadInput, ReadTx, WriteTx
from hubkeep.kit.settings import QuotaSettings

MOST = 1 << 62


@dataclass(frozen=True)
class Quota:
    """Bytes and repositories that somebody may have; 0 means any number."""

    max_bytes: int = 0
    max_repos: int = 0


@dataclass(frozen=True)
class OwnQuota:
    """The numbers that an operator gave somebody; None: the default of the hub."""

    max_bytes: int | None = None
    max_repos: int | None = None


def quota_of(tx: ReadTx, defaults: QuotaSettings, owner_id: int) -> Quota:
    """Return what an owner may have; one look-up by number."""
    row = tx.sql.execute(
        sa.select(owners.c.kind, quotas.c.max_bytes, quotas.c.max_repos)
        .outerjoin(quotas, quotas.c.owner_id == owners.c.id)
        .where(owners.c.id == owner_id)
    ).first()
    if row is None:
        return Quota()
    is_user = row.kind == OwnerKind.USER.value
    default = (
        Quota(defaults.user_bytes, defaults.user_repos)
        if is_user
        else Quota(defaults.org_bytes, defaults.org_repos)
    )
    return Quota(
        default.max_bytes if row.max_bytes is None else row.max_bytes,
        default.max_repos if row.max_repos is None else row.max_repos,
    )


def own_quota(tx: ReadTx, owner_id: int) -> OwnQuota:
    """Return what an operator gave this owner."""
    row = tx.sql.execute(sa.select(quotas).where(quotas.c.owner_id == owner_id)).first()
    return OwnQuota(row.max_bytes, row.max_repos) if row is not None else OwnQuota()


def add_other_bytes(tx: WriteTx, owner_id: int, more: int) -> None:
    """Count bytes that somebody keeps outside repositories, such as pictures in comments."""
    theirs = sa.update(owners).where(owners.c.id == owner_id)
    tx.sql.execute(theirs.values(other_bytes=owners.c.other_bytes + more))


def other_bytes(tx: ReadTx, owner_ids: Collection[int]) -> dict[int, int]:
    """Return what these owners keep outside repositories, those with nothing left out."""
    some = sa.and_(owners.c.id.in_(list(owner_ids)), owners.c.other_bytes > 0)
    return {
        row[0]: int(row[1])
        for row in tx.sql.execute(sa.select(owners.c.id, owners.c.other_bytes).where(some))
    }


def set_quota(tx: WriteTx, actor: Actor, name: str, given: OwnQuota) -> None:
    """Give a user or an organization numbers of their own; None takes one back. For operators.

    Raises:
        NotSignedIn, NotAllowed, OwnerNotFound.
        BadInput: a negative number.
    """
    require_operator(actor)
    for field, value in asdict(given).items():
        if value is not None and not 0 <= value <= MOST:
            raise BadInput(field=field, reason=f"must be 0 (any number) to {MOST:,}")
    owner = owner_named(tx, name)
    before = own_quota(tx, owner.id)
    row = asdict(given)
    changed = tx.sql.execute(sa.update(quotas).where(quotas.c.owner_id == owner.id).values(**row))
    if changed.rowcount == 0:
        tx.sql.execute(sa.insert(quotas).values(owner_id=owner.id, **row))
    told = {"name": owner.name, "before": asdict(before), "after": row}
    audit(tx, actor, f"{owner.kind.value}.quota", owner_id=owner.id, data=told)
