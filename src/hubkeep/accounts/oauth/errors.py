"""Refusals in the words of OAuth. Source: RFC 6749 section 5.2, RFC 8628 section 3.5, RFC 7591 section 3.2.2."""

from hubkeep.kit import HubError


class OAuthError(HubError):
    """A refusal that programs know by `error`; the sentence is for people."""

    error = "invalid_request"
    text = "{reason}"


class InvalidClient(OAuthError):
    """No such app, or it did not prove that it is it."""

    status, error, text = 401, "invalid_client", "There is no such app, or its secret is wrong."


class InvalidGrant(OAuthError):
    """A code or refresh token that is unknown, used, over, or somebody else's."""

    error, text = "invalid_grant", "This code or token is not known, was used, or is over."


class InvalidScope(OAuthError):
    """A scope that does not exist, or that this app did not register."""

    error = "invalid_scope"


class UnsupportedGrant(OAuthError):
    """A grant type that is not served here."""

    error, text = "unsupported_grant_type", "grant_type: {given!r} is not served here."


class InvalidRedirect(OAuthError):
    """An address to return to that the app did not register: shown to the person, never followed."""

    error, text = "invalid_redirect_uri", "redirect_uri: {reason}"


class InvalidMetadata(OAuthError):
    """An app describes itself in a way that breaks a rule."""

    error = "invalid_client_metadata"


class Pending(OAuthError):
    """The person has not decided yet."""

    error, text = "authorization_pending", "Nobody has entered the code yet."


class SlowDown(OAuthError):
    """The program asks too often."""

    error, text = "slow_down", "You ask too often: wait {seconds} seconds between two questions."


class ExpiredCode(OAuthError):
    """The code of a device is over."""

    error, text = "expired_token", "The code is over: start again."


class AccessDenied(OAuthError):
    """The person said no."""

    error, text = "access_denied", "The sign-in was refused."


class AppNotFound(HubError):
    """No such app of this user."""

    status, text = 404, "No such app."


class CodeNotFound(HubError):
    """A user code that nobody waits for."""

    status, text = 404, "Nobody waits for this code: it is mistyped, used, or over."
