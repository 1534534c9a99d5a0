"""A sharded model's tensors in one answer."""

from typing import Any

from hubkeep.accounts import Actor
from hubkeep.kit import ReadTx
from hubkeep.repos.safetensors import shard_headers
from hubkeep.repos.snapshot import snapshot
from hubkeep.repos.types import Kind, Stores


def safetensors_metadata(
    tx: ReadTx, actor: Actor, stores: Stores, kind: Kind, full_name: str, index_path: str
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return the index and each shard's header, on the default branch. Raises EntryNotFound."""
    with snapshot(tx, actor, stores, kind, full_name, None) as at:
        return shard_headers(tx, stores, at.repo.id, at.reader, at.oid, index_path)
