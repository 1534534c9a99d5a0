"""Who may say or do something in public: a person, with credentials that may."""

from hubkeep.accounts import Actor, NotAllowed, NotSignedIn, Permission, lends, may_discuss, shows
from hubkeep.accounts.access import Guarded


def require_voice(
    actor: Actor, what: str, about: Guarded | None = None, *, needs: Permission | None = None
) -> int:
    """Return the person's number.

    A fine-grained token needs permission to discuss what it is `about`, or `needs` on its owner; without either it may not.

    Raises:
        NotSignedIn.
        NotAllowed: a token that only reads, or has no permission for this.
    """
    if actor.user_id is None:
        raise NotSignedIn
    if about is not None:
        allowed = may_discuss(actor, about)
    else:
        allowed = actor.can_write if needs is None else lends(actor, actor.user_id, needs)
    if not allowed:
        raise NotAllowed(what=f"{what}: {lack(actor)}")
    return actor.user_id


def require_person(actor: Actor, *needs: Permission) -> int:
    """Return the number of whoever is signed in; a fine-grained token must have one of `needs` on its owner.

    Raises:
        NotSignedIn, NotAllowed.
    """
    if actor.user_id is None:
        raise NotSignedIn
    if not shows(actor, actor.user_id, *needs):
        raise NotAllowed(what=f"see this: {lack(actor)}")
    return actor.user_id


def lack(actor: Actor) -> str:
    """Say why a token is not enough."""
    return "this token can only read" if actor.scopes is None else "this token has no permission for it"
