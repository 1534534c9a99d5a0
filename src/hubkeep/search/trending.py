"""What many people look at these days."""

from collections.abc import Sequence

from hubkeep.accounts import Actor
from hubkeep.kit import ReadTx
from hubkeep.repos import Info, Kind
from hubkeep.search.listing import listing
from hubkeep.search.types import Query


def trending_now(tx: ReadTx, actor: Actor, kinds: Sequence[Kind], limit: int) -> list[Info]:
    """Return the repositories of these kinds that `actor` may see with the highest trending scores."""
    found = [info for kind in kinds for info in listing(tx, actor, Query(kind=kind, limit=limit)).items]
    return sorted(found, key=lambda info: (-info.repo.trending, -info.repo.id))[:limit]
