"""The audit log is part of what it tells of."""

import json
from dataclasses import replace

import pytest
import sqlalchemy as sa

from hubkeep import accounts
from hubkeep.accounts import Origin
from hubkeep.accounts.tables import audit_log


def entries(db):
    with db.read() as tx:
        return tx.sql.execute(sa.select(audit_log).order_by(audit_log.c.id)).all()


def test_an_entry_says_who_did_what_from_where(people):
    ada = replace(people.actor("token", people.token(people.ada)), origin=Origin("192.0.2.7", "git/2.39"))
    with people.db.write() as tx:
        accounts.audit(tx, ada, "repo.create", owner_id=ada.user_id, repo_id=7, data={"name": "Ada/x"})
    (entry,) = entries(people.db)
    assert (entry.type, entry.actor_name, entry.address, entry.agent) == (
        "repo.create",
        "Ada",
        "192.0.2.7",
        "git/2.39",
    )
    assert entry.token_id == ada.token.id
    assert (entry.repo_id, json.loads(entry.data)) == (7, {"name": "Ada/x"})


def test_what_is_rolled_back_leaves_no_entry(people):
    def fail():
        with people.db.write() as tx:
            accounts.audit(tx, accounts.STRANGER, "repo.delete")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert entries(people.db) == []


def test_facts_of_any_length_are_kept_within_bounds(people):
    with people.db.write() as tx:
        accounts.audit(tx, accounts.STRANGER, "org.update", data={"details": "x" * 100_000})
    assert len(entries(people.db)[0].data) < 20_000
