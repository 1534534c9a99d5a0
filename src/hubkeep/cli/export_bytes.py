"""The bytes of a bundle: histories, large files, attachments."""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from hubkeep import accounts, cas, repos
from hubkeep.cas import StoredObject
from hubkeep.cli import bundle_format as form
from hubkeep.cli.bundle_records import FileFacts
from hubkeep.cli.export_rows import Snapshot
from hubkeep.community import attachments
from hubkeep.community.attachments import CarriedFile
from hubkeep.git import write_bundle
from hubkeep.kit import HubError
from hubkeep.repos import Stores
from hubkeep.storage import BlobNotFound


class BytesMissing(HubError):
    """A repository holds a large file whose bytes this hub cannot read: `hubkeep fsck` tells more."""

    status, text = 500, "The bytes of {sha256} cannot be read whole: run `hubkeep fsck`."


@dataclass
class Files:
    """The folder of a bundle. `link`: give files a second name where the disk can; `kept`: what belongs there."""

    stores: Stores
    to: Path
    link: bool
    kept: set[Path] = field(default_factory=set)


def pack_history(stores: Stores, seen: Snapshot, target: Path) -> bool:
    """Write every ref as the snapshot saw it, with everything below; return whether there are any."""
    with stores.db.read() as tx:
        lent = repos.lend(tx, stores, seen.repo)
    try:
        return bool(write_bundle(lent.directory, target, seen.refs))
    finally:
        lent.close()


def pack_blob(files: Files, held: StoredObject) -> None:
    """Write a large file, unless the bundle has it. Raises BytesMissing."""
    target = files.to.joinpath(*form.blob_parts(held.sha256))
    files.kept.add(target)
    if target.is_file() and target.stat().st_size == held.size:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    stores = files.stores
    if held.whole and files.link and _link(stores, cas.blob_key(held.sha256), target):
        return
    try:
        made = _write(target, cas.read_range(stores.db, stores.blobs, held, 0, held.size))
    except (BlobNotFound, OSError) as error:
        raise BytesMissing(sha256=held.sha256) from error
    if made != FileFacts(bytes=held.size, sha256=held.sha256):
        target.unlink()
        raise BytesMissing(sha256=held.sha256)


def pack_upload(files: Files, carried: CarriedFile) -> FileFacts | None:
    """Write an attachment; return its facts, None when its bytes are gone: the comment is worth more than its picture."""
    target = files.to.joinpath(*form.upload_parts(carried.name))
    target.parent.mkdir(parents=True, exist_ok=True)
    files.kept.add(target)
    if not (target.is_file() and target.stat().st_size == carried.size):
        try:
            with files.stores.blobs.open(attachments.blob_key(carried.name)) as body:
                _write(target, iter(lambda: body.read(form.PIECE_BYTES), b""))
        except BlobNotFound:
            return None
    return form.facts_of(target)


def pack_picture(files: Files, avatar: str) -> FileFacts | None:
    """Write the picture of an owner; return its facts, None when there is none."""
    try:
        with files.stores.blobs.open(accounts.picture_key(avatar)) as body:
            data = body.read()
    except BlobNotFound:
        return None
    facts = FileFacts(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
    target = files.to.joinpath(*form.picture_parts(facts.sha256))
    target.parent.mkdir(parents=True, exist_ok=True)
    files.kept.add(target)
    if not target.is_file():
        _write(target, [data])
    return facts


def tidy(files: Files) -> None:
    """Remove what an older bundle in this folder had and this one has not: nobody expects it to travel along."""
    for folder in (form.REPOS, form.BLOBS, form.UPLOADS, form.PICTURES):
        for path in sorted((files.to / folder).rglob("*"), reverse=True):
            if path.is_dir() and not path.is_symlink():
                if not any(path.iterdir()):
                    path.rmdir()
            elif path not in files.kept and path.parent not in files.kept:
                path.unlink()


def _link(stores: Stores, key: str, target: Path) -> bool:
    local = stores.blobs.local_path(key)
    if local is None:
        return False
    target.unlink(missing_ok=True)
    try:
        os.link(local, target)
    except OSError:
        return False  # another disk: copied instead
    return True


def _write(target: Path, pieces: Iterable[bytes]) -> FileFacts:
    aside = target.with_name(f".{target.name}.new")
    with aside.open("wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    facts = form.facts_of(aside)
    aside.replace(target)
    return facts
