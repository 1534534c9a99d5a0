"""Write down what was done: part of the transaction that does it, so neither happens without the other."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from hubkeep.accounts.tables import audit_log
from hubkeep.accounts.types import Actor
from hubkeep.kit import WriteTx, now

MAX_DATA = 16_384  # characters of one entry's facts


def audit(
    tx: WriteTx,
    actor: Actor,
    kind: str,
    *,
    owner_id: int | None = None,
    repo_id: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Add one entry to the audit log.

    `kind` is `scope.action` in the Hub's words (`repo.create`, `org.add_user`); `owner_id` is the namespace whose
    administrators may read the entry; `data` tells what it was about, with names as they were, and `before` and `after`
    where something changed. Never a secret.
    Source: hub-platform contract section 17.
    """
    text = json.dumps(data or {}, ensure_ascii=False, separators=(",", ":"), default=str)
    if len(text) > MAX_DATA:
        text = json.dumps({"cut": text[: MAX_DATA // 2]}, ensure_ascii=False)
    row = {
        "at": now(),
        "type": kind,
        "actor_id": actor.user_id,
        "actor_name": actor.name,
        "token_id": actor.token.id if actor.token is not None else None,
        "address": actor.origin.address[:64],
        "agent": actor.origin.agent[:255],
        "owner_id": owner_id,
        "repo_id": repo_id,
        "data": text,
    }
    tx.sql.execute(sa.insert(audit_log).values(**row))
