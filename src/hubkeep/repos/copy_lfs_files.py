"""Give another repository large files of this one, without moving a byte."""

from collections.abc import Sequence

from hubkeep.accounts import Action, Actor
from hubkeep.cas import copy_links, held
from hubkeep.kit import TooLarge, WriteTx
from hubkeep.repos.gate import require_content
from hubkeep.repos.get import get_for
from hubkeep.repos.quota import add_storage, require_room
from hubkeep.repos.types import Kind, Stores

MAX_FILES = 1000


def copy_lfs_files(
    tx: WriteTx,
    actor: Actor,
    stores: Stores,
    kind: Kind,
    source: str,
    target_kind: Kind,
    target: str,
    sha256s: Sequence[str],
) -> list[str]:
    """Link what the source holds to the target; return the sha256 of those it does not hold.

    `actor` must be allowed to read the source and to write the target.
    Source: hub-core contract G13.
    """
    if len(sha256s) > MAX_FILES:
        raise TooLarge(field="files", limit=f"{MAX_FILES} files")
    here = get_for(tx, actor, kind, source, Action.READ)
    require_content(tx, actor, here)
    there = get_for(tx, actor, target_kind, target, Action.WRITE)
    known = held(tx, here.id, set(sha256s))
    added = known.keys() - held(tx, there.id, known.keys())
    more = sum(known[sha256].size for sha256 in added)
    require_room(tx, stores.settings.quotas, there.owner_id, there.owner, more_bytes=more)
    add_storage(tx, there.id, more)
    copy_links(tx, here.id, there.id, list(known))
    return [sha256 for sha256 in dict.fromkeys(sha256s) if sha256 not in known]
