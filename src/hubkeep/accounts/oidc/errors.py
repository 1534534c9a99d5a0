"""Refusals around identity providers of others."""

from hubkeep.kit import HubError


class ProviderUnreachable(HubError):
    """The identity provider did not answer, or not as one does."""

    status, text = 502, "The identity provider {issuer} cannot be used at the moment: {reason}."


class BadIdToken(HubError):
    """A statement about somebody that is not signed, not for us, or over."""

    status, text = 401, "The ID token is not accepted: {reason}."


class SignInRefused(HubError):
    """Somebody signed in elsewhere and may not come in here."""

    status, text = 403, "You cannot sign in to this hub: {reason}."


class ExternalSignInOff(HubError):
    """No identity provider is configured."""

    status, text = 404, "This hub has no single sign-on."
