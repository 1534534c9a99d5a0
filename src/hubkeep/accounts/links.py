"""Links that are sent by mail: signed, for one person, for one purpose, for a while, and once."""

from urllib.parse import quote

from hubkeep.accounts.errors import LinkUsed
from hubkeep.accounts.passwords import stamp_of
from hubkeep.accounts.queries import password_of, user_by_id
from hubkeep.accounts.types import User
from hubkeep.kit import BadSignature, ReadTx, Signer

RESET_SECONDS = 3600
CONFIRM_SECONDS = 3 * 24 * 3600
_RESET, _CONFIRM = "reset", "confirm-email"


def reset_link(tx: ReadTx, signer: Signer, url: str, user_id: int) -> str:
    """Return where a person chooses a new password. It ends in an hour, and with the password that they have now."""
    stamp = stamp_of(password_of(tx, user_id))
    return f"{url}/login/reset?key={quote(signer.sign(_RESET, {'u': user_id, 's': stamp}, RESET_SECONDS)[0])}"


def read_reset_key(tx: ReadTx, signer: Signer, key: str) -> User:
    """Return who may choose a new password with that key. Raises LinkUsed."""
    try:
        facts = signer.verify(_RESET, key)
    except BadSignature:
        raise LinkUsed from None
    user = user_by_id(tx, int(facts["u"]))
    if user is None or user.disabled or stamp_of(password_of(tx, user.id)) != facts["s"]:
        raise LinkUsed
    return user


def confirm_link(signer: Signer, url: str, user_id: int, email: str) -> str:
    """Return where a person says that an address is theirs."""
    key = signer.sign(_CONFIRM, {"u": user_id, "e": email}, CONFIRM_SECONDS)[0]
    return f"{url}/settings/account/confirm?key={quote(key)}"


def read_confirm_key(tx: ReadTx, signer: Signer, key: str) -> tuple[User, str]:
    """Return whose address that key confirms, and which. Raises LinkUsed."""
    try:
        facts = signer.verify(_CONFIRM, key)
    except BadSignature:
        raise LinkUsed from None
    user = user_by_id(tx, int(facts["u"]))
    if user is None or user.disabled:
        raise LinkUsed
    return user, str(facts["e"])
