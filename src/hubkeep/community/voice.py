"""Who may say or do something in public: a person, with credentials that may write."""

from hubkeep.accounts import Actor, NotAllowed, NotSignedIn


def require_voice(actor: Actor, what: str) -> int:
    """Return the person's number. Raises NotSignedIn, or NotAllowed for a token that only reads."""
    if actor.user_id is None:
        raise NotSignedIn
    if not actor.can_write:
        raise NotAllowed(what=f"{what}: this token can only read")
    return actor.user_id


def require_person(actor: Actor) -> int:
    """Return the number of whoever is signed in. Raises NotSignedIn."""
    if actor.user_id is None:
        raise NotSignedIn
    return actor.user_id
