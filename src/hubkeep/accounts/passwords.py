"""Passwords: argon2id, by argon2-cffi. About 50 ms a check: never call this inside a transaction."""

import hashlib
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hubkeep.kit import BadInput

MIN_LENGTH, MAX_LENGTH = 8, 256
_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """Return the hash to store. Raises BadInput for a length out of bounds."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise BadInput(field="password", reason=f"must have {MIN_LENGTH} to {MAX_LENGTH} characters")
    return _hasher.hash(password)


def is_password(stored: str | None, password: str) -> bool:
    """Return whether `password` is the one that was stored; takes the same time when nothing was."""
    try:
        _hasher.verify(stored or _nobody(), password[: MAX_LENGTH + 1])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def stamp_of(stored: str | None) -> str:
    """Return what changes when the password does, and tells nothing about it: links and second steps carry it."""
    return hashlib.sha256(f"stamp {stored}".encode()).hexdigest()[:24]


@cache
def _nobody() -> str:
    """Return what is checked when there is no such user: a missing name takes as long as a wrong password.

    Made at the first need: at import it would cost every command a quarter of a second.
    """
    return _hasher.hash("nobody has this password")
