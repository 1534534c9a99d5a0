"""What somebody stores, beside what they may: for those who belong there."""

from dataclasses import dataclass

from hubkeep.accounts import (
    Actor,
    NotAllowed,
    NotSignedIn,
    Owner,
    Quota,
    owner_named,
    owners_by_id,
    quota_of,
    readable,
)
from hubkeep.kit import ReadTx
from hubkeep.kit.settings import QuotaSettings
from hubkeep.repos.quota import Usage, usage_of


@dataclass(frozen=True)
class Storage:
    """An owner, what they have, and what they may have."""

    owner: Owner
    used: Usage
    quota: Quota

    def percent(self, part: int) -> float:
        """Return the share that `part` bytes are of what the owner may store, or else of what they do store."""
        whole = self.quota.max_bytes or self.used.bytes
        return round(100 * part / whole, 2) if whole else 0.0


def storage_of(tx: ReadTx, actor: Actor, quotas: QuotaSettings, owner: str | None) -> Storage:
    """Return what `owner` (None: the actor) stores and may store.

    Raises:
        NotSignedIn, OwnerNotFound; NotAllowed: the actor is no member.
    """
    if actor.user_id is None:
        raise NotSignedIn
    found = owners_by_id(tx, [actor.user_id])[actor.user_id] if owner is None else owner_named(tx, owner)
    if not actor.is_admin and not readable(actor).owns(found.id):
        raise NotAllowed(what=f"see what {found.name} stores")
    return Storage(found, usage_of(tx, found.id), quota_of(tx, quotas, found.id))
