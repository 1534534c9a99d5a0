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


class OwnerMoved(OwnerNotFound):
    """A user or an organization that has another name now. A call that names it in its path is redirected."""

    text = "{name!r} is called {to!r} now."


class WrongPassword(HubError):
    """No such user, or another password: a stranger learns nothing more."""

    status, text = 401, "Wrong name or password."


class TokenNameTaken(HubError):
    """This user has a token of that name already, or the value is in use."""

    status, text = 409, "A token called {name!r}, or with this value, exists already."


class TokenNotFound(HubError):
    """No such token of this user."""

    status, text = 404, "No such token."


class TooManyAttempts(HubError):
    """Somebody guesses. The same for names that exist and names that do not."""

    status, text = 429, "Too many attempts. Wait {wait}, then try again."

    def __init__(self, seconds: int) -> None:
        """Say how long to wait, to people and to programs."""
        wait = f"{seconds} seconds" if seconds < 120 else f"{-(-seconds // 60)} minutes"
        super().__init__(wait=wait, seconds=seconds, headers={"Retry-After": str(seconds)})


class SecondFactorNeeded(HubError):
    """The password was right, and a code is asked for too: nobody is signed in yet."""

    status, text = 401, "A code from your authenticator app is needed, too."

    def __init__(self, user_id: int, stamp: str) -> None:
        """Keep who it is, and which password it was, for the second step."""
        self.user_id, self.stamp = user_id, stamp
        super().__init__()


class SignInTooOld(HubError):
    """The second step came too late, or the password changed before it."""

    status, text = 401, "That took too long. Sign in again from the start."


class WrongCode(HubError):
    """A code that is wrong, too old, or was used before."""

    status, text = 401, "This code is wrong, too old, or was used before."


class LinkUsed(HubError):
    """A link from a mail that is too old, was used, or was altered."""

    status, text = 400, "This link has expired or was used before. Ask for a new one."


class SessionNotFound(HubError):
    """No such session of this person."""

    status, text = 404, "No such session."
