"""The audit log is part of what it tells of."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hubkeep import accounts
from hubkeep.accounts import Actor, AuditFilter, NotAllowed, Origin
from hubkeep.accounts.tables import audit_log, users
from hubkeep.kit import BadInput, now


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


def write_entries(people, *kinds, actor=None, **facts):
    with people.db.write() as tx:
        for kind in kinds:
            accounts.audit(tx, actor or accounts.STRANGER, kind, **facts)


def operator(people):
    with people.db.write() as tx:
        tx.sql.execute(sa.update(users).where(users.c.id == people.ada.id).values(is_admin=True))
    return people.actor("token", people.token(people.ada))


def read(people, actor, verb=accounts.audit_entries, *args, **options):
    with people.db.read() as tx:
        return verb(tx, actor, *args, **options)


@pytest.mark.parametrize("change", [sa.update(audit_log).values(type="x"), sa.delete(audit_log)])
def test_the_database_itself_refuses_to_change_or_remove_an_entry(people, change):
    write_entries(people, "repo.create")

    def tamper():
        with people.db.write() as tx:
            tx.sql.execute(change)

    with pytest.raises(sa.exc.DBAPIError, match="only ever added to"):
        tamper()
    assert [entry.type for entry in entries(people.db)] == ["repo.create"]


def test_operators_read_everything_newest_first_page_by_page(people):
    boss = operator(people)
    write_entries(people, *(f"repo.act{number}" for number in range(5)))
    first = read(people, boss, accounts.audit_entries, AuditFilter(), limit=2)
    rest = read(people, boss, accounts.audit_entries, AuditFilter(), before=first[-1].id, limit=10)
    assert [entry.type for entry in first + rest] == [f"repo.act{number}" for number in (4, 3, 2, 1, 0)]


def test_entries_are_found_by_every_fact(people):
    boss = operator(people)
    eve = replace(people.actor("token", people.token(people.eve)), origin=Origin("192.0.2.7", "git"))
    write_entries(people, "repo.create", "org.create", actor=boss)
    write_entries(people, "repo.delete", actor=eve, repo_id=7, owner_id=people.eve.id)

    def found(**wanted):
        return [e.type for e in read(people, boss, accounts.audit_entries, AuditFilter(**wanted))]

    assert found(actor="EVE") == ["repo.delete"]
    assert found(actor="nobody") == []
    assert found(kind="repo") == ["repo.delete", "repo.create"]
    assert found(kind="org.create") == ["org.create"]
    assert found(owner="eve") == found(repo_id=7) == found(address="192.0.2.7") == ["repo.delete"]
    assert found(since=now() - timedelta(hours=1), until=now() + timedelta(hours=1)) == [
        "repo.delete",
        "org.create",
        "repo.create",
    ]
    assert found(until=now() - timedelta(hours=1)) == []
    with pytest.raises(BadInput, match="type"):
        found(kind="repo'; --")


def test_only_operators_read_everything_and_only_with_credentials_that_write(people):
    operator(people)
    eve = people.actor("token", people.token(people.eve))
    reads_only = people.actor("token", people.token(people.ada, accounts.TokenRole.READ, "r"))
    for actor, refusal in (
        (eve, NotAllowed),
        (reads_only, NotAllowed),
        (accounts.STRANGER, accounts.NotSignedIn),
    ):
        with pytest.raises(refusal):
            read(people, actor, accounts.audit_entries, AuditFilter())


def test_administrators_of_an_organization_read_what_was_done_to_it(people):
    with people.db.write() as tx:
        org = accounts.owner_named(tx, "acme")
        accounts.set_member(tx, org.id, people.eve.id, accounts.Role.ADMIN)
        accounts.audit(tx, accounts.STRANGER, "org.update", owner_id=org.id)
        accounts.audit(tx, accounts.STRANGER, "repo.create", owner_id=people.ada.id)
    eve, ada = (people.actor("token", people.token(user)) for user in (people.eve, people.ada))
    verb = accounts.org_audit_entries
    assert [e.type for e in read(people, eve, verb, "acme", AuditFilter())] == ["org.update"]
    for actor, name, refusal in (
        (ada, "acme", NotAllowed),
        (accounts.STRANGER, "acme", accounts.NotSignedIn),
        (eve, "Ada", accounts.OwnerNotFound),
        (eve, "none", accounts.OwnerNotFound),
    ):
        with pytest.raises(refusal):
            read(people, actor, verb, name, AuditFilter())


def test_everybody_sees_what_they_did_and_what_was_done_to_them(people):
    eve = people.actor("token", people.token(people.eve))
    write_entries(people, "token.create", actor=eve)
    write_entries(people, "user.disable", owner_id=people.eve.id)
    write_entries(people, "repo.create", owner_id=people.ada.id)
    mine = read(people, eve, accounts.my_audit_entries)
    assert [entry.type for entry in mine] == ["user.disable", "token.create"]


def test_tokens_are_written_down_without_their_values(people):
    ada = Actor(people.ada.id, "Ada", can_write=True)
    with people.db.write() as tx:
        token, secret = accounts.make_token(tx, ada, "laptop", accounts.TokenRole.READ)
    with people.db.write() as tx:
        accounts.revoke_token(tx, ada, token.id)
    made, gone = entries(people.db)
    assert [made.type, gone.type] == ["token.create", "token.revoke"]
    assert secret not in made.data + gone.data
    assert json.loads(gone.data)["name"] == "laptop"
