"""What a person or an organization owns, with the storage it takes: for those who belong there."""

from hubkeep.accounts import Actor, NotAllowed, NotSignedIn, owner_named, readable
from hubkeep.kit import ReadTx
from hubkeep.repos.queries import fact, visible_to
from hubkeep.repos.tables import repos
from hubkeep.repos.types import Repo


def list_owned(
    tx: ReadTx, actor: Actor, owner: str | None, *, after: int = 0, limit: int = 1000
) -> tuple[list[Repo], int | None]:
    """Return `limit` repositories of `owner` (None: the actor) after the number `after`, and where to go on.

    Raises:
        NotSignedIn, OwnerNotFound.
        NotAllowed: the actor is no member.
    """
    if actor.user_id is None:
        raise NotSignedIn
    owner_id = actor.user_id if owner is None else owner_named(tx, owner).id
    if not actor.is_admin and not _within_reach(actor, owner_id):
        raise NotAllowed(what=f"see what {owner} stores")
    mine = visible_to(actor).where(repos.c.owner_id == owner_id, repos.c.id > after)
    found = [fact(row) for row in tx.sql.execute(mine.order_by(repos.c.id).limit(limit + 1))]
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def _within_reach(actor: Actor, owner_id: int) -> bool:
    reach = readable(actor)
    return reach.owns(owner_id) or any(actor.groups[group].org_id == owner_id for group in reach.groups)
