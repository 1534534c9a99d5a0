"""The hub's own signing key, by which others check what it says about people. Source: OpenID Connect Core section 10."""

import time
from functools import lru_cache
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from hubkeep.kit import Database
from hubkeep.kit.keepsakes import keep

ALGORITHM, BITS = "RS256", 2048


def id_token(db: Database, issuer: str, audience: str, claims: dict[str, Any], seconds: int) -> str:
    """Return a signed statement about a person, for one app."""
    moment = int(time.time())
    facts = {"iss": issuer, "aud": audience, "iat": moment, "exp": moment + seconds, **claims}
    key = signing_key(db)
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid, "typ": "JWT"}, facts, key)


def public_keys(db: Database) -> dict[str, Any]:
    """Return what others check signatures with, as a JSON Web Key Set."""
    return {"keys": [dict(signing_key(db).as_dict(private=False))]}


def signing_key(db: Database) -> RSAKey:
    """Return the key, the same on every node, made the first time."""
    return _key(keep(db, "oidc-key", _fresh()))


def _fresh() -> str:
    return RSAKey.generate_key(BITS).as_pem(private=True).decode()


@lru_cache(maxsize=4)
def _key(pem: str) -> RSAKey:
    key = RSAKey.import_key(pem, {"use": "sig", "alg": ALGORITHM})
    key.ensure_kid()
    return key
