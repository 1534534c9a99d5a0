"""Refusals of the accounts room."""

from hubkeep.kit import HubError


class BadCredentials(HubError):
    """A token, password or session that is wrong, revoked or expired. Never treated as anonymous.

    Source: hub-core contract 2.5: this exact message and no code, or the client reports a missing repository.
    """

    status, text = 401, "Invalid credentials in Authorization header"


class NotSignedIn(HubError):
    """The call needs somebody, and nobody is signed in."""

    status, text = 401, "Please sign in: this call needs a token."


class NotAllowed(HubError):
    """The actor can see the thing but may not do this to it."""

    status, text = 403, "You are not allowed to {what}."


class NameTaken(HubError):
    """A user or organization of that name exists, whatever its capitals."""

    status, text = 409, "The name {name!r} is taken."


class OwnerNotFound(HubError):
    """No user or organization of that name."""

    status, text = 404, "No user or organization {name!r}."


class WrongPassword(HubError):
    """No such user, or another password: a stranger learns nothing more."""

    status, text = 401, "Wrong name or password."


class TokenNameTaken(HubError):
    """This user has a token of that name already, or the value is in use."""

    status, text = 409, "A token called {name!r}, or with this value, exists already."


class TokenNotFound(HubError):
    """No such token of this user."""

    status, text = 404, "No such token."
