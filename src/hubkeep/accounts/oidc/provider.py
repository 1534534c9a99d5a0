"""An identity provider of somebody else: where it is, which keys it signs with, and whether it signed this.

Source: OpenID Connect Discovery, OpenID Connect Core section 3.1.3.7, RFC 7517.
"""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException, HTTPMessage
from typing import IO, Any
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from hubkeep.accounts.oidc.errors import BadIdToken, ProviderUnreachable

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
SECONDS, MAX_BYTES = 10, 1 << 20
KEPT_SECONDS = 3600  # how long what a provider says about itself is kept
RETRY_SECONDS = 30  # how soon keys are asked for again when one is not known
LEEWAY = 60  # seconds by which clocks may differ
MAX_TOKEN = 16_384
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Provider:
    """One issuer. What it says about itself is asked for when needed, and kept for an hour. Safe between threads."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer.rstrip("/")
        self._lock = threading.Lock()
        self._facts: Mapping[str, Any] = {}
        self._keys: KeySet | None = None
        self._facts_at = self._keys_at = float("-inf")

    def address(self, name: str) -> str:
        """Return one of the provider's addresses. Raises ProviderUnreachable."""
        address = self._described().get(name, "")
        if not isinstance(address, str) or not is_secure(address):
            raise ProviderUnreachable(issuer=self.issuer, reason=f"it names no usable {name}")
        return address

    def claims(self, token: str, audience: str, nonce: str | None = None) -> dict[str, Any]:
        """Return what a signed token says. With `nonce`, it must answer our own question.

        Raises:
            BadIdToken, ProviderUnreachable.
        """
        if len(token) > MAX_TOKEN:
            raise BadIdToken(reason="it is too long")
        claims = self._decoded(token)
        named = claims.get("aud")
        if claims.get("iss") not in (self.issuer, self.issuer + "/"):
            raise BadIdToken(reason="another issuer made it")
        if audience not in ([named] if isinstance(named, str) else named or []):
            raise BadIdToken(reason=f"it is not for {audience}")
        if isinstance(named, list) and len(named) > 1 and claims.get("azp", audience) != audience:
            raise BadIdToken(reason="it was given to somebody else")
        _check_times(claims)
        if not isinstance(claims.get("sub"), str) or not 1 <= len(claims["sub"]) <= 255:
            raise BadIdToken(reason="it names nobody")
        if nonce is not None and claims.get("nonce") != nonce:
            raise BadIdToken(reason="it answers another question")
        return claims

    def _decoded(self, token: str) -> dict[str, Any]:
        for fresh in (False, True):
            try:
                return dict(jwt.decode(token, self._key_set(fresh=fresh), algorithms=ALGORITHMS).claims)
            except (JoseError, ValueError, TypeError, KeyError):
                continue  # perhaps a key that the provider has begun to use since
        raise BadIdToken(reason="its signature is not the provider's")

    def _described(self) -> Mapping[str, Any]:
        with self._lock:
            if time.monotonic() - self._facts_at > KEPT_SECONDS:
                found = fetch_json(f"{self.issuer}/.well-known/openid-configuration", self.issuer)
                if str(found.get("issuer", "")).rstrip("/") != self.issuer:
                    raise ProviderUnreachable(issuer=self.issuer, reason="it calls itself otherwise")
                self._facts, self._facts_at = found, time.monotonic()
            return self._facts

    def _key_set(self, *, fresh: bool) -> KeySet:
        address = self.address("jwks_uri")
        with self._lock:
            age = time.monotonic() - self._keys_at
            if self._keys is None or age > KEPT_SECONDS or (fresh and age > RETRY_SECONDS):
                found = fetch_json(address, self.issuer)
                try:
                    self._keys = KeySet.import_key_set(_usable(found))  # type: ignore[arg-type]
                except (JoseError, ValueError, TypeError, KeyError):
                    raise ProviderUnreachable(issuer=self.issuer, reason="its keys cannot be read") from None
                self._keys_at = time.monotonic()
            return self._keys


def is_secure(address: str) -> bool:
    """Return whether nobody on the way can change what is there: https, or this machine."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    )


def fetch_json(
    address: str, issuer: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Ask a provider for a JSON object; with `form`, send one. No redirect is followed. Raises ProviderUnreachable."""
    if not is_secure(address):
        raise ProviderUnreachable(issuer=issuer, reason="it must be reached by https")
    body = urlencode(form).encode() if form is not None else None
    request = urllib.request.Request(address, body, {"Accept": "application/json", **(headers or {})})  # noqa: S310  checked above
    try:
        with _OPENER.open(request, timeout=SECONDS) as answer:
            found = json.loads(answer.read(MAX_BYTES))
    except urllib.error.HTTPError as error:
        raise ProviderUnreachable(issuer=issuer, reason=f"it answered {error.code}") from None
    except (OSError, HTTPException, ValueError):
        raise ProviderUnreachable(issuer=issuer, reason="it did not answer as expected") from None
    if not isinstance(found, dict):
        raise ProviderUnreachable(issuer=issuer, reason="it did not answer as expected")
    return found


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> None:
        """Follow nothing: secrets go to the configured address and nowhere else."""


_OPENER = urllib.request.build_opener(_NoRedirect)


def _usable(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys that sign; a provider may list others, of kinds that are not known here."""
    keys = [key for key in found.get("keys", []) if isinstance(key, dict)]
    signing = [
        key for key in keys if key.get("use", "sig") == "sig" and key.get("kty") in ("RSA", "EC", "OKP")
    ]
    return {"keys": signing}


def _check_times(claims: Mapping[str, Any]) -> None:
    now = time.time()
    ends, begins = claims.get("exp"), claims.get("nbf", 0)
    if not isinstance(ends, int | float) or ends < now - LEEWAY:
        raise BadIdToken(reason="it is over")
    if not isinstance(begins, int | float) or begins > now + LEEWAY:
        raise BadIdToken(reason="it has not begun")


_known: dict[str, Provider] = {}
_known_lock = threading.Lock()


def provider_of(issuer: str) -> Provider:
    """Return the provider; what is known of it is shared by the whole process. Issuers come from settings only."""
    with _known_lock:
        return _known.setdefault(issuer.rstrip("/"), Provider(issuer))
