from datetime import timedelta

import pytest
import sqlalchemy as sa

from hubkeep import accounts
from hubkeep.accounts import STRANGER, BadCredentials, Role, TokenRole
from hubkeep.accounts.tables import sessions, tokens
from hubkeep.kit import now


def test_a_token_brings_its_owner_with_every_role(people):
    actor = people.actor("token", people.token(people.ada))
    with people.db.read() as tx:
        acme = accounts.owner_named(tx, "ACME")
    assert (actor.name, actor.can_write, actor.is_admin) == ("Ada", True, False)
    assert actor.roles == {people.ada.id: Role.ADMIN, acme.id: Role.WRITE}


def test_work_in_a_users_name_has_their_roles_too(people):
    by_token = people.actor("token", people.token(people.ada))
    with people.db.read() as tx:
        in_name = accounts.actor_of(tx, people.ada.id, can_write=True)
    assert in_name.roles == by_token.roles
    assert len(in_name.roles) > 1


def test_a_read_token_cannot_write(people):
    assert not people.actor("token", people.token(people.ada, TokenRole.READ)).can_write


@pytest.mark.parametrize("value", ["", "hf_", "hf_wrong", "x" * 10_000, "\udce4", "Ada"])
def test_a_token_that_is_not_known_is_refused_and_never_a_stranger(people, value):
    with pytest.raises(BadCredentials):
        people.actor("token", value)


def test_a_disabled_user_is_refused_with_every_token_and_signed_out(people):
    value = people.token(people.ada)
    session = accounts.sign_in(people.db, "ada", "correct horse")
    with people.db.write() as tx:
        accounts.set_disabled(tx, "ada", disabled=True)
    with pytest.raises(BadCredentials):
        people.actor("token", value)
    assert people.actor("session", session.secret) == STRANGER
    with people.db.write() as tx:
        accounts.set_disabled(tx, "ada", disabled=False)
    assert people.actor("token", value).name == "Ada"


def test_a_revoked_token_stops_working_at_once(people):
    value = people.token(people.ada)
    session = people.actor("session", accounts.sign_in(people.db, "ada", "correct horse").secret)
    with people.db.write() as tx:
        (token,) = accounts.list_tokens(tx, session)
        accounts.revoke_token(tx, session, token.id)
    with pytest.raises(BadCredentials):
        people.actor("token", value)


def test_an_ended_session_makes_a_stranger(people):
    session = accounts.sign_in(people.db, "ada@example.org", "correct horse")
    assert people.actor("session", session.secret).name == "Ada"
    with people.db.write() as tx:
        tx.sql.execute(sa.update(sessions).values(expires_at=now() - timedelta(seconds=1)))
        assert accounts.authenticate(tx, accounts.Credentials("session", session.secret)) == STRANGER
        assert accounts.forget_expired_sessions(tx) == 1


def test_signing_out_ends_the_session(people):
    session = accounts.sign_in(people.db, "ada", "correct horse")
    with people.db.write() as tx:
        accounts.sign_out(tx, STRANGER, session.secret)
    assert people.actor("session", session.secret) == STRANGER


def test_no_secret_is_stored(people):
    value = people.token(people.ada)
    session = accounts.sign_in(people.db, "ada", "correct horse")
    with people.db.read() as tx:
        stored = [
            *tx.sql.execute(sa.select(tokens.c.hash)).scalars(),
            *tx.sql.execute(sa.select(sessions.c.hash)).scalars(),
        ]
    assert value not in stored
    assert session.secret not in stored
    assert session.secret not in repr(session)


def test_the_last_use_is_remembered_about_once_an_hour(people):
    value = people.token(people.ada)
    actor = people.actor("token", value)
    assert accounts.is_stale(actor)
    assert actor.token is not None
    with people.db.write() as tx:
        accounts.mark_used(tx, actor)
    assert not accounts.is_stale(people.actor("token", value))


def test_one_query_answers_who_is_asking(people):
    value = people.token(people.ada)
    seen = []
    with people.db.read() as tx:
        sa.event.listen(tx.sql, "before_cursor_execute", lambda *args: seen.append(args[2]))
        accounts.authenticate(tx, accounts.Credentials("token", value))
    assert len(seen) == 1
