"""Pictures of people and organizations. Whoever has none is drawn: a shield with a letter."""

import re
import secrets
from collections.abc import Collection, Iterator
from datetime import timedelta
from io import BytesIO
from itertools import islice

import sqlalchemy as sa

from hubkeep.accounts.audit import audit
from hubkeep.accounts.errors import NotAllowed, NotSignedIn
from hubkeep.accounts.orgs.rights import org_for_admin
from hubkeep.accounts.redraw import redraw
from hubkeep.accounts.tables import owners
from hubkeep.accounts.types import Actor
from hubkeep.kit import Database, HubError, ReadTx, WriteTx, now
from hubkeep.storage import Blobs, Stat

PICTURE = re.compile(r"[0-9a-f]{32}\.webp")
_FOLDER = "avatars/"
_BATCH = 500
_GRACE = timedelta(days=1)  # a picture is stored before anybody is known to have it


class PictureNotFound(HubError):
    """Nobody has that picture, or nobody any more."""

    status, text = 404, "There is no such picture."


def keep_avatar(db: Database, blobs: Blobs, actor: Actor, org: str | None, data: bytes) -> str:
    """Make `data` the picture of an organization, or of the actor where `org` is None; return its new name.

    Every picture has a name of its own, which nobody can guess and no other picture ever has.

    Raises:
        NotSignedIn, NotAllowed, OrgNotFound: who may not change it.
        TooLarge, BadPicture: what `redraw` refuses. Nothing was changed.
    """
    with db.read() as tx:
        _whose(tx, actor, org)
    name = draw_avatar(blobs, data)
    with db.write() as tx:
        before = _change(tx, actor, org, name)
    _forget(blobs, before)
    return name


def draw_avatar(blobs: Blobs, data: bytes) -> str:
    """Keep a picture that nobody has yet, drawn anew; return its name. Raises TooLarge, BadPicture."""
    name = f"{secrets.token_hex(16)}.webp"
    blobs.put(picture_key(name), BytesIO(redraw(data)))
    return name


def remove_avatar(db: Database, blobs: Blobs, actor: Actor, org: str | None) -> None:
    """Take a picture away; the drawn one is shown again. Raises NotSignedIn, NotAllowed, OrgNotFound."""
    with db.write() as tx:
        before = _change(tx, actor, org, "")
    _forget(blobs, before)


def find_picture(tx: ReadTx, name: str) -> str:
    """Return the key of a picture that somebody has now. Raises PictureNotFound."""
    has = sa.select(owners.c.id).where(owners.c.avatar == name)
    if not PICTURE.fullmatch(name) or tx.sql.execute(has).first() is None:
        raise PictureNotFound
    return picture_key(name)


def pictures_of(tx: ReadTx, names: Collection[str]) -> dict[str, str]:
    """Return the pictures of users and organizations by lower-case name, without those who have none."""
    wanted = sorted({name.lower() for name in names})[:_BATCH]
    theirs = sa.select(owners.c.name_lower, owners.c.avatar)
    theirs = theirs.where(owners.c.name_lower.in_(wanted), owners.c.avatar != "")
    return {row.name_lower: row.avatar for row in tx.sql.execute(theirs)} if wanted else {}


def sweep_avatars(db: Database, blobs: Blobs) -> int:
    """Remove pictures that nobody has: of accounts that are gone, of writers that died. Return how many went."""
    before, gone = now() - _GRACE, 0
    for batch in _batches(blobs.list(_FOLDER)):
        stored = {stat.key.rpartition("/")[2]: stat for stat in batch}
        with db.read() as tx:
            query = sa.select(owners.c.avatar).where(owners.c.avatar.in_(list(stored)))
            had = set(tx.sql.execute(query).scalars())
        gone += sum(blobs.collect(stat.key, before) for name, stat in stored.items() if name not in had)
    return gone


def picture_key(name: str) -> str:
    """Return the key of a picture's blob."""
    return f"{_FOLDER}{name[:2]}/{name}"


def _whose(tx: ReadTx, actor: Actor, org: str | None) -> tuple[int, str]:
    if org is not None:
        found = org_for_admin(tx, actor, org, "change this organization's picture")
        return found.id, found.name
    if actor.user_id is None:
        raise NotSignedIn
    if actor.token is not None:
        raise NotAllowed(what="change your account with a token")
    return actor.user_id, actor.name


def _change(tx: WriteTx, actor: Actor, org: str | None, name: str) -> str:
    """Note the picture, "" for none, and return the one before."""
    owner_id, owner = _whose(tx, actor, org)
    theirs = owners.c.id == owner_id
    before = str(tx.sql.execute(sa.select(owners.c.avatar).where(theirs).with_for_update()).scalar_one())
    if before != name:
        tx.sql.execute(sa.update(owners).where(theirs).values(avatar=name))
        what = "user.update_profile" if org is None else "org.update"
        data = {"name": owner, "before": {"picture": bool(before)}, "after": {"picture": bool(name)}}
        audit(tx, actor, what, owner_id=owner_id, data=data if org is not None else {})
    return before


def _forget(blobs: Blobs, name: str) -> None:
    if name:
        blobs.delete(picture_key(name))


def _batches(stats: Iterator[Stat]) -> Iterator[list[Stat]]:
    while batch := list(islice(stats, _BATCH)):
        yield batch
