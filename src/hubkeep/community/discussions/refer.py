"""Link a discussion to those that its comments speak of."""

from collections.abc import Sequence

from hubkeep.community.discussions.tables import discussion_references
from hubkeep.kit import WriteTx
from hubkeep.kit.tables import insert_missing


def refer(tx: WriteTx, source_id: int, event_id: int, target_ids: Sequence[int]) -> None:
    """Note that an event of one discussion speaks of others. Whoever looks at those is shown what they may read."""
    rows = [{"target_id": target, "source_id": source_id, "event_id": event_id} for target in target_ids]
    insert_missing(tx.sql, discussion_references, rows)
