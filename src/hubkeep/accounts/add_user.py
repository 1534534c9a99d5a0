"""Add a user."""

import re

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from hubkeep.accounts.errors import NameTaken
from hubkeep.accounts.events import OwnerAdded
from hubkeep.accounts.former_names import require_never_taken
from hubkeep.accounts.names import check_owner_name
from hubkeep.accounts.queries import owner_named, user_by_id
from hubkeep.accounts.tables import owners, users
from hubkeep.accounts.types import OwnerKind, User
from hubkeep.kit import BadInput, WriteTx, now
from hubkeep.kit.tables import made_id

_EMAIL = re.compile(r"[^@\s<>,;\x00-\x1f\x7f]{1,64}@[^@\s<>,;\x00-\x1f\x7f]{1,190}")


def add_user(
    tx: WriteTx,
    name: str,
    email: str = "",
    *,
    fullname: str = "",
    password_hash: str | None = None,
    is_admin: bool = False,
) -> User:
    """Add a user; without `password_hash` (from `hash_password`) they sign in by token only.

    Raises:
        BadInput: a name or address against the rules.
        NameTaken: a user or organization of that name exists; decided by the unique index.
    """
    check_owner_name(name)
    check_email(email)
    user_id = add_owner(tx, OwnerKind.USER, name, fullname or name)
    row = {"id": user_id, "email": email, "email_lower": email.lower(), "password_hash": password_hash}
    tx.sql.execute(sa.insert(users).values(**row, is_admin=is_admin, disabled=False))
    made = user_by_id(tx, user_id)
    assert made is not None
    tx.emit(OwnerAdded(owner_named(tx, name)))
    return made


def check_email(email: str) -> None:
    """Pass if that may be an e-mail address, or is empty. Raises BadInput."""
    if email and not _EMAIL.fullmatch(email):
        raise BadInput(field="email", reason=f"{email[:80]!r} is not an e-mail address")


def add_owner(tx: WriteTx, kind: OwnerKind, name: str, fullname: str) -> int:
    """Take a name in the shared namespace; return its id. Raises NameTaken."""
    row = {"kind": kind.value, "name": name, "name_lower": name.lower(), "fullname": fullname[:255]}
    try:
        with tx.sql.begin_nested():
            owner_id = made_id(tx.sql.execute(sa.insert(owners).values(**row, created_at=now())))
            require_never_taken(tx, name, owner_id)
    except IntegrityError:
        raise NameTaken(name=name) from None
    return owner_id
