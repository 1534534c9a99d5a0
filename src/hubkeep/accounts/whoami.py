"""Tell the caller who they are."""

from hubkeep.accounts.errors import NotSignedIn
from hubkeep.accounts.orgs.queries import groups_of
from hubkeep.accounts.queries import is_confirmed, orgs_of, user_by_id
from hubkeep.accounts.types import Actor, WhoAmI
from hubkeep.kit import ReadTx


def whoami(tx: ReadTx, actor: Actor) -> WhoAmI:
    """Return the caller, their organizations, and the token they came with. Raises NotSignedIn."""
    if actor.user_id is None:
        raise NotSignedIn
    user = user_by_id(tx, actor.user_id)
    assert user is not None
    groups = groups_of(tx, [user.id]).get(user.id, {}) if actor.groups else {}
    return WhoAmI(user, orgs_of(tx, user.id), actor.token, groups, is_confirmed(tx, user.id))
