"""What the holder of a CAS token may do with Xet data: ask for chunks, send xorbs, register files, rebuild files.

Source: xet contract sections 5 and 7.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from hubkeep import cas
from hubkeep.accounts import Actor
from hubkeep.kit import ReadTx
from hubkeep.kit.keepsakes import secret
from hubkeep.repos.gate import content_ids
from hubkeep.repos.quota import add_storage, require_room
from hubkeep.repos.types import Repo, Stores
from hubkeep.repos.xet_token import XetToken

_DAY = 24 * 3600


def check_xet_upload(tx: ReadTx, actor: Actor, token: XetToken) -> Repo:
    """Return the repository if the token's user may upload to it now. Raises what `XetToken.holder` raises."""
    del actor  # the token says who
    return token.holder(tx, write=True)[1]


def xet_dedup(tx: ReadTx, actor: Actor, stores: Stores, token: XetToken, chunk: str) -> bytes | None:
    """Return a shard about a xorb that has this chunk, if one is in a repository that the token's user may read."""
    raw = cas.from_hex(chunk, "chunk")
    actor = token.holder(tx, write=True)[0]
    key = secret(stores.db, "xet-dedup")
    return cas.dedup_shard(
        tx, key, raw, content_ids(actor), int(time.time()), stores.settings.xet.dedup_days * _DAY
    )


def keep_xorb(stores: Stores, actor: Actor, token: XetToken, upload: cas.XorbUpload) -> bool:
    """Keep a xorb that was received in full; True when this user had not sent it before.

    Raises:
        BadXorb: nothing was kept. And what `XetToken.holder` raises.
    """
    del actor
    table = upload.finish()
    cas.keep_xorb(stores.db, stores.blobs, upload.path, table)
    with stores.db.write() as tx:
        _, user_id, _ = _uploader(tx, token)
        return cas.note_xorb(tx, stores.blobs, user_id, table)


def register_shard(
    stores: Stores, actor: Actor, token: XetToken, body: bytes, progress: Callable[[int, int], None]
) -> bool:
    """Prove every claim of the shard, then let the repository hold its files; True when something was new.

    `progress` hears of bytes verified and bytes in all, and may raise to give up.

    Raises:
        BadShard, TooLarge, StorageFull: nothing was changed. And what `XetToken.holder` raises.
        UnknownXorb: nothing was changed, but the user's next token makes their clients forget what they remember.
    """
    del actor
    files = cas.read_shard(body)
    with stores.db.read() as tx:
        user, user_id, _ = _uploader(tx, token)
    limit = stores.settings.lfs.max_bytes
    try:
        proven = cas.prove_files(stores.db, stores.blobs, files, user_id, content_ids(user), limit, progress)
    except cas.UnknownXorb:
        with stores.db.write() as tx:
            cas.make_forget(tx, user_id)
        raise
    with stores.db.write() as tx:
        _, user_id, repo = _uploader(tx, token)
        sizes = {file.sha256: file.checked.size for file in proven}
        here = cas.held(tx, repo.id, sizes.keys())
        more = sum(size for sha256, size in sizes.items() if sha256 not in here)
        require_room(tx, stores.settings.quotas, repo.owner_id, repo.owner, more_bytes=more)
        add_storage(tx, repo.id, more)
        return cas.register_files(tx, repo.id, user_id, proven)


def xet_reconstruction(
    tx: ReadTx, actor: Actor, token: XetToken, name: str, start: int, end: int | None
) -> cas.Reconstruction:
    """Tell how to rebuild bytes [start, end) of a file that the token's repository holds.

    Raises:
        XetFileNotFound, RangeBeyondEnd. And what `XetToken.holder` raises.
    """
    del actor
    cas.from_hex(name)
    repo = token.holder(tx, write=False)[1]
    return cas.reconstruct(tx, repo.id, name, start, end)


def convert(stores: Stores, args: Mapping[str, Any]) -> None:
    """Job: let an object that came whole be fetched by Xet, too."""
    cas.convert(stores.db, stores.blobs, str(args["sha256"]))


def _uploader(tx: ReadTx, token: XetToken) -> tuple[Actor, int, Repo]:
    """Return who uploads, their number, and where to."""
    actor, repo = token.holder(tx, write=True)
    assert actor.user_id is not None  # strangers get no tokens that write
    return actor, actor.user_id, repo
