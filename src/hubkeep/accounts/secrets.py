"""Secrets that the hub hands out: tokens and sessions. Only their sha256 is stored."""

import hashlib
import re
import secrets
import string

from hubkeep.kit import BadInput

_LETTERS = string.ascii_letters + string.digits
_BROUGHT = re.compile(r"hf_[A-Za-z0-9_-]{1,253}")
MINTED_LENGTH = 37  # 62 ** 37 is over 200 bits


def mint_token() -> str:
    """Return a new token: `hf_` and letters and digits, as clients and secret scanners expect."""
    return "hf_" + "".join(secrets.choice(_LETTERS) for _ in range(MINTED_LENGTH))


def mint_session() -> str:
    """Return a new session secret, 256 random bits."""
    return secrets.token_urlsafe(32)


def check_brought(value: str) -> str:
    """Return a token value that an operator brings. Raises BadInput, which never repeats the value."""
    if not _BROUGHT.fullmatch(value):
        raise BadInput(field="value", reason="must be `hf_` and 1 to 253 letters, digits, `-` or `_`")
    return value


def digest(value: str) -> str:
    """Return what is stored of a secret."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
