"""Keep a file for a comment, and find it again."""

import secrets
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from hubkeep.accounts import Actor, add_other_bytes
from hubkeep.community.attachments.errors import AttachmentNotFound, TooManyAttachments, WrongMedia
from hubkeep.community.attachments.tables import attachments
from hubkeep.community.attachments.types import PER_DAY, Attachment, Media
from hubkeep.community.voice import require_voice
from hubkeep.kit import ReadTx, now
from hubkeep.repos import Stores, require_room

HEAD_BYTES = 16


def media_of(content_type: str) -> Media:
    """Return the kind that a header names. Raises WrongMedia, naming the kinds there are."""
    kind = content_type.partition(";")[0].strip().lower()
    kind = {"audio/x-wav": "audio/wav", "audio/mp3": "audio/mpeg", "image/jpg": "image/jpeg"}.get(kind, kind)
    if kind not in set(Media):
        raise WrongMedia(reason=f"must be one of {', '.join(Media)}")
    return Media(kind)


def require_uploader(tx: ReadTx, actor: Actor) -> int:
    """Return the number of somebody who may attach a file now.

    Raises:
        NotSignedIn, NotAllowed: nobody, or a token that only reads.
        TooManyAttachments.
    """
    user_id = require_voice(actor, "attach files")
    recent = sa.and_(attachments.c.user_id == user_id, attachments.c.at > now() - timedelta(days=1))
    if tx.sql.execute(sa.select(sa.func.count()).where(recent)).scalar_one() >= PER_DAY:
        raise TooManyAttachments(limit=PER_DAY)
    return user_id


def keep(stores: Stores, actor: Actor, path: Path, media: Media) -> Attachment:
    """Keep a received file under a random name: whoever knows it may see the file.

    Raises:
        WrongMedia: its bytes are not what `media` says.
        StorageFull: there is no room for it in what they may store. And what `require_uploader` raises.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not media.begins(head):
        raise WrongMedia(reason=f"the file is not {media}")
    kept = Attachment(f"{secrets.token_hex(16)}.{media.ending}", media, path.stat().st_size)
    with stores.db.read() as tx:
        _require_room(tx, stores, actor, kept)
    stores.blobs.adopt(blob_key(kept.name), path)
    with stores.db.write() as tx:
        user_id = _require_room(tx, stores, actor, kept)
        row = {"name": kept.name, "media": media.value, "size": kept.size, "at": now()}
        tx.sql.execute(sa.insert(attachments).values(user_id=user_id, **row))
        add_other_bytes(tx, user_id, kept.size)
    return kept


def _require_room(tx: ReadTx, stores: Stores, actor: Actor, kept: Attachment) -> int:
    """Return who attaches it, if they may store it: files in comments count like files in repositories."""
    user_id = require_uploader(tx, actor)
    require_room(tx, stores.settings.quotas, user_id, actor.name, more_bytes=kept.size)
    return user_id


def find(tx: ReadTx, actor: Actor, name: str) -> Attachment:
    """Return the attachment of that name, to anybody. Raises AttachmentNotFound."""
    del actor
    row = tx.sql.execute(sa.select(attachments).where(attachments.c.name == name)).first()
    if row is None:
        raise AttachmentNotFound
    return Attachment(row.name, Media(row.media), row.size)


def blob_key(name: str) -> str:
    """Return the key of an attachment's blob."""
    return f"uploads/{name[:2]}/{name}"
