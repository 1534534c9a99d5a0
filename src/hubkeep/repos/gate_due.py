"""Whether a mail about requests at a gate is on its way: of many requests in a day, one mail."""

import sqlalchemy as sa

from hubkeep.kit import WriteTx
from hubkeep.kit.tables import insert_missing
from hubkeep.repos.access_types import MailMode
from hubkeep.repos.tables import gate_mails


def claim_gate_mail(tx: WriteTx, repo_id: int) -> MailMode | None:
    """Return in which way the keepers are to be told of a request that just came; None when the mail of the day will tell."""
    fresh = {"repo_id": repo_id, "email": "", "mode": MailMode.BULK.value, "due": False}
    insert_missing(tx.sql, gate_mails, [fresh])
    here = gate_mails.c.repo_id == repo_id
    row = tx.sql.execute(sa.select(gate_mails.c.mode, gate_mails.c.due).where(here)).one()
    if MailMode(row.mode) is MailMode.REAL_TIME:
        return MailMode.REAL_TIME
    if row.due:
        return None
    tx.sql.execute(sa.update(gate_mails).where(here).values(due=True))
    return MailMode.BULK


def release_gate_mail(tx: WriteTx, repo_id: int) -> None:
    """Say that the mail of the day is being written: the next request leaves another."""
    tx.sql.execute(sa.update(gate_mails).where(gate_mails.c.repo_id == repo_id).values(due=False))
