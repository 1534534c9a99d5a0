"""Public keys for git over SSH: add, list, delete, note their use."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from hubkeep.accounts.access import require_whole
from hubkeep.accounts.audit import audit
from hubkeep.accounts.authenticate import USED_STALE
from hubkeep.accounts.errors import NotAllowed, NotSignedIn
from hubkeep.accounts.tables import ssh_keys
from hubkeep.accounts.types import Actor
from hubkeep.kit import BadInput, HubError, ReadTx, WriteTx, now
from hubkeep.kit.tables import Row, made_id

MAX_NAME, MAX_KEYS = 100, 100
MAX_TEXT = 16_384  # characters: an RSA key of 16,384 bits takes a sixth of that
MIN_RSA_BITS = 2048
ALGORITHMS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-rsa",
)


class SshKeyTaken(HubError):
    """The key is somebody's already: it could not tell two people apart."""

    status, text = 409, "This key is in use already. Make a key of its own for each person."


class SshKeyNotFound(HubError):
    """No such key of this user."""

    status, text = 404, "No such key."


@dataclass(frozen=True)
class SshKey:
    """A public key. `fingerprint` is `SHA256:` and base64, as `ssh-keygen -l` prints it."""

    id: int
    user_id: int
    name: str
    algorithm: str
    fingerprint: str
    created_at: datetime
    last_used_at: datetime | None


def add_ssh_key(tx: WriteTx, actor: Actor, name: str, text: str) -> SshKey:
    """Let the holder of a key speak git as the actor. An empty `name` is taken from the key's comment.

    Raises:
        NotSignedIn, NotAllowed: nobody, or somebody who came with a token.
        BadInput: this is no public key, or one of a kind that is not safe any more.
        SshKeyTaken.
    """
    user_id = _in_session(actor)
    algorithm, fingerprint, comment = read_public_key(text)
    name = (name.strip() or comment.strip() or algorithm)[:MAX_NAME]
    count = sa.select(sa.func.count()).where(ssh_keys.c.user_id == user_id)
    if tx.sql.execute(count).scalar_one() >= MAX_KEYS:
        raise BadInput(field="key", reason=f"at most {MAX_KEYS} keys a user: delete one first")
    row = {"user_id": user_id, "name": name, "algorithm": algorithm, "fingerprint": fingerprint}
    try:
        with tx.sql.begin_nested():
            made = tx.sql.execute(sa.insert(ssh_keys).values(**row, created_at=now()))
    except IntegrityError:
        raise SshKeyTaken from None
    audit(tx, actor, "user.add_ssh_key", owner_id=user_id, data={"name": name, "fingerprint": fingerprint})
    return _key(tx.sql.execute(sa.select(ssh_keys).where(ssh_keys.c.id == made_id(made))).one())


def list_ssh_keys(tx: ReadTx, actor: Actor) -> list[SshKey]:
    """Return the actor's keys, newest first. Raises NotSignedIn, NotAllowed."""
    user_id = require_whole(actor, "see keys")
    mine = sa.select(ssh_keys).where(ssh_keys.c.user_id == user_id).order_by(ssh_keys.c.id.desc())
    return [_key(row) for row in tx.sql.execute(mine)]


def delete_ssh_key(tx: WriteTx, actor: Actor, key_id: int) -> None:
    """Delete one of the actor's keys; it opens nothing from now on. Raises NotSignedIn, NotAllowed, SshKeyNotFound."""
    mine = sa.and_(ssh_keys.c.id == key_id, ssh_keys.c.user_id == _in_session(actor))
    found = tx.sql.execute(sa.select(ssh_keys).where(mine)).first()
    if found is None:
        raise SshKeyNotFound
    tx.sql.execute(sa.delete(ssh_keys).where(mine))
    facts = {"name": found.name, "fingerprint": found.fingerprint}
    audit(tx, actor, "user.delete_ssh_key", owner_id=found.user_id, data=facts)


def greet_ssh_key(tx: WriteTx, actor: Actor, fingerprint: str) -> str:
    """Note that a key is in use, an hour exactly, and return its holder's name."""
    stale = sa.or_(ssh_keys.c.last_used_at.is_(None), ssh_keys.c.last_used_at < now() - USED_STALE)
    here = sa.and_(ssh_keys.c.fingerprint == fingerprint, stale)
    tx.sql.execute(sa.update(ssh_keys).where(here).values(last_used_at=now()))
    return actor.name


def read_public_key(text: str) -> tuple[str, str, str]:
    """Return algorithm, fingerprint and comment of one line of a `.pub` file. Raises BadInput."""
    import asyncssh  # noqa: PLC0415  slow to load, and seldom needed

    line = text.strip()
    if "PRIVATE KEY" in line:
        raise BadInput(
            field="key",
            reason="this is a private key: nobody but you should have it. Paste the file that ends in .pub",
        )
    if not line or len(line) > MAX_TEXT or "\n" in line:
        raise BadInput(field="key", reason="must be the one line of a .pub file")
    try:
        key = asyncssh.import_public_key(line)
    except (asyncssh.KeyImportError, ValueError):
        raise BadInput(field="key", reason="is no public key: paste the one line of a .pub file") from None
    algorithm = key.algorithm.decode()
    if algorithm not in ALGORITHMS:
        raise BadInput(field="key", reason=f"must be one of {', '.join(ALGORITHMS)}, not {algorithm}")
    if algorithm == "ssh-rsa" and (bits := _rsa_bits(key.public_data)) < MIN_RSA_BITS:
        raise BadInput(field="key", reason=f"an RSA key needs {MIN_RSA_BITS} bits, this one has {bits}")
    return algorithm, key.get_fingerprint(), key.get_comment() or ""


def _rsa_bits(blob: bytes) -> int:
    """Return the length of the modulus: the third field of an RSA key's blob. Source: RFC 4253, section 6.6."""
    fields: list[bytes] = []
    while blob:
        length = int.from_bytes(blob[:4], "big")
        fields.append(blob[4 : 4 + length])
        blob = blob[4 + length :]
    return int.from_bytes(fields[2], "big").bit_length()


def _in_session(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotSignedIn
    if actor.token is not None:
        raise NotAllowed(what="change keys with a token: sign in with your password")
    return actor.user_id


def _key(row: Row) -> SshKey:
    return SshKey(
        row.id, row.user_id, row.name, row.algorithm, row.fingerprint, row.created_at, row.last_used_at
    )
