"""Guessing is slowed and stopped, codes work once, and a password that changes ends what it opened."""

import contextlib
import sys
from datetime import timedelta

import pyotp
import pytest
import sqlalchemy as sa

from hubkeep import accounts
from hubkeep.accounts import (
    STRANGER,
    BadCredentials,
    Credentials,
    LinkUsed,
    NotAllowed,
    Origin,
    Role,
    SecondFactorNeeded,
    TooManyAttempts,
    WrongCode,
    WrongPassword,
)
from hubkeep.accounts.attempts import forget_attempts
from hubkeep.accounts.errors import SignInTooOld
from hubkeep.accounts.links import confirm_link
from hubkeep.accounts.second_factor import STEP
from hubkeep.accounts.tables import attempts, audit_log, recovery_codes, sessions
from hubkeep.kit import BadInput, Signer, now

PASSWORD = "correct horse"
HOME, AWAY = Origin("192.0.2.7", "Firefox"), Origin("198.51.100.9", "curl")
SIGNER = Signer("a secret of these tests")


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until the test moves it."""

    class Clock:
        moment = now()

        def __call__(self):
            return self.moment

        def move(self, **by):
            self.moment += timedelta(**by)

    made = Clock()
    for name in ("attempts", "sign_in", "second_factor", "authenticate", "sessions", "audit"):
        monkeypatch.setattr(sys.modules[f"hubkeep.accounts.{name}"], "now", made)
    return made


def guess(people, times, login="ada", origin=AWAY, clock=None):
    refused = 0
    for _ in range(times):
        try:
            accounts.sign_in(people.db, login, "wrong", origin)
        except WrongPassword:
            pass
        except TooManyAttempts:
            refused += 1
        if clock:
            clock.move(seconds=61)
    return refused


@pytest.mark.parametrize("login", ["ada", "ada@example.org", "nobody-has-this-name"])
def test_guessing_is_slowed_then_stopped_and_unknown_names_look_the_same(people, clock, login):
    assert guess(people, 4, login) == 0
    with pytest.raises(TooManyAttempts) as slowed:
        accounts.sign_in(people.db, login, PASSWORD, AWAY)
    assert slowed.value.facts["headers"] == {"Retry-After": "1"}
    for _ in range(6):
        clock.move(seconds=61)
        guess(people, 1, login)
    clock.move(seconds=61)
    with pytest.raises(TooManyAttempts) as locked:
        accounts.sign_in(people.db, login, PASSWORD, AWAY)
    assert int(str(locked.value.facts["seconds"])) > 600


def test_the_lock_opens_by_itself(people, clock):
    guess(people, 12, clock=clock)
    clock.move(minutes=16)
    assert accounts.sign_in(people.db, "ada", PASSWORD, AWAY).user.name == "Ada"


def test_who_guesses_locks_nobody_out_elsewhere(people, clock):
    guess(people, 12, clock=clock)
    assert accounts.sign_in(people.db, "ada", PASSWORD, HOME).user.name == "Ada"


def test_guessing_from_everywhere_stops_but_not_where_the_owner_is_signed_in(people, clock):
    accounts.sign_in(people.db, "ada", PASSWORD, HOME)
    for number in range(100):
        guess(people, 1, origin=Origin(f"203.0.113.{number}"))
        clock.move(seconds=8)
    with pytest.raises(TooManyAttempts):
        accounts.sign_in(people.db, "ada", PASSWORD, AWAY)
    assert accounts.sign_in(people.db, "ada", PASSWORD, HOME).user.name == "Ada"


def test_guessing_names_makes_no_rows_without_end(people, monkeypatch):
    monkeypatch.setattr(sys.modules["hubkeep.accounts.attempts"], "NOBODIES", 4)
    for number in range(12):
        with contextlib.suppress(WrongPassword, TooManyAttempts):
            accounts.sign_in(people.db, f"name-{number}", "x", Origin())
    with people.db.read() as tx:
        assert tx.sql.execute(sa.select(sa.func.count()).select_from(attempts)).scalar_one() <= 4


def test_a_right_password_forgives_the_wrong_ones_before_it(people, clock):
    for _ in range(5):
        clock.move(seconds=1)
        guess(people, 3)
        accounts.sign_in(people.db, "ada", PASSWORD, AWAY)


def test_what_was_typed_as_a_name_is_not_written_down_when_nobody_has_it(people):
    with pytest.raises(WrongPassword):
        accounts.sign_in(people.db, "my secret password", "x", AWAY)
    with people.db.read() as tx:
        told = tx.sql.execute(sa.select(audit_log.c.data)).scalars().all()
    assert told
    assert not any("secret" in text for text in told)


def second_factor(people, clock=None):
    secret = accounts.new_secret()
    actor = people.actor("session", accounts.sign_in(people.db, "ada", PASSWORD, HOME).secret)
    moment = clock() if clock else now()
    with people.db.write() as tx:
        codes = accounts.start_factor(tx, actor, secret, pyotp.TOTP(secret).at(moment))
    return secret, codes, actor


def first_step(people, origin=HOME):
    with pytest.raises(SecondFactorNeeded) as needed:
        accounts.sign_in(people.db, "ada", PASSWORD, origin)
    return accounts.half_session(SIGNER, needed.value)


def test_a_code_finishes_signing_in_and_works_once(people, clock):
    secret, _, _ = second_factor(people, clock)
    clock.move(seconds=STEP)
    code = pyotp.TOTP(secret).at(clock())
    session = accounts.finish_sign_in(people.db, SIGNER, first_step(people), code, HOME)
    assert people.actor("session", session.secret).name == "Ada"
    with pytest.raises(WrongCode):
        accounts.finish_sign_in(people.db, SIGNER, first_step(people), code, HOME)


def test_the_code_that_set_the_factor_up_is_used_up(people, clock):
    secret, _, _ = second_factor(people, clock)
    with pytest.raises(WrongCode):
        accounts.finish_sign_in(people.db, SIGNER, first_step(people), pyotp.TOTP(secret).at(clock()), HOME)


def test_the_first_step_alone_signs_nobody_in(people):
    second_factor(people)
    half = first_step(people)
    assert people.actor("session", half) == STRANGER
    with pytest.raises(BadCredentials):
        people.actor("token", half)


def test_codes_cannot_be_guessed(people, clock):
    second_factor(people, clock)
    half = first_step(people)
    for number in range(10):
        with pytest.raises(WrongCode):
            accounts.finish_sign_in(people.db, SIGNER, half, f"{number:06}", HOME)
        clock.move(seconds=55)
    with pytest.raises(TooManyAttempts):
        accounts.finish_sign_in(people.db, SIGNER, half, "000000", HOME)


def test_each_recovery_code_works_once(people):
    _, codes, _ = second_factor(people)
    assert len(set(codes)) == 10
    accounts.finish_sign_in(people.db, SIGNER, first_step(people), codes[0].upper(), HOME)
    with pytest.raises(WrongCode):
        accounts.finish_sign_in(people.db, SIGNER, first_step(people), codes[0], HOME)
    with people.db.read() as tx:
        factor = accounts.factor_of(tx, people.ada.id)
        stored = tx.sql.execute(sa.select(recovery_codes.c.hash)).scalars().all()
    assert factor is not None
    assert factor.codes_left == 9
    assert not {code.replace("-", "") for code in codes} & set(stored)


def test_a_first_step_ends_with_the_password(people):
    second_factor(people)
    half = first_step(people)
    with people.db.write() as tx:
        accounts.set_password(tx, people.ada.id, accounts.hash_password("another horse"))
    with pytest.raises(SignInTooOld):
        accounts.finish_sign_in(people.db, SIGNER, half, "000000", HOME)


def test_turning_it_off_takes_the_codes_along(people):
    _, codes, actor = second_factor(people)
    half = first_step(people)
    with people.db.write() as tx:
        accounts.stop_factor(tx, actor)
    with pytest.raises(WrongCode):
        accounts.finish_sign_in(people.db, SIGNER, half, codes[0], HOME)
    assert accounts.sign_in(people.db, "ada", PASSWORD, HOME).user.name == "Ada"


def test_a_wrong_first_code_sets_nothing_up(people):
    actor = people.actor("session", accounts.sign_in(people.db, "ada", PASSWORD, HOME).secret)
    with people.db.write() as tx, pytest.raises(WrongCode):
        accounts.start_factor(tx, actor, accounts.new_secret(), "12345")
    with people.db.read() as tx:
        assert accounts.factor_of(tx, people.ada.id) is None


def test_changing_the_password_ends_every_other_session(people):
    here = accounts.sign_in(people.db, "ada", PASSWORD, HOME)
    there = accounts.sign_in(people.db, "ada", PASSWORD, AWAY)
    actor = people.actor("session", here.secret)
    with pytest.raises(WrongPassword):
        accounts.change_password(people.db, actor, "wrong", "another horse")
    accounts.change_password(people.db, actor, PASSWORD, "another horse")
    assert people.actor("session", here.secret).name == "Ada"
    assert people.actor("session", there.secret) == STRANGER
    with pytest.raises(WrongPassword):
        accounts.sign_in(people.db, "ada", PASSWORD, HOME)


def test_people_see_where_they_are_signed_in_and_end_it(people):
    here = people.actor("session", accounts.sign_in(people.db, "ada", PASSWORD, HOME).secret)
    there = accounts.sign_in(people.db, "ada", PASSWORD, AWAY)
    with people.db.write() as tx:
        listed = accounts.list_sessions(tx, here)
        assert {session.address for session in listed} == {HOME.address, AWAY.address}
        (other,) = [session for session in listed if session.id != here.session.id]
        accounts.end_session(tx, here, other.id)
    assert people.actor("session", there.secret) == STRANGER


def test_nobody_ends_the_session_of_somebody_else(people):
    with people.db.write() as tx:
        accounts.set_password(tx, people.eve.id, accounts.hash_password(PASSWORD))
    eve = people.actor("session", accounts.sign_in(people.db, "eve", PASSWORD, AWAY).secret)
    ada = people.actor("session", accounts.sign_in(people.db, "ada", PASSWORD, HOME).secret)
    with people.db.write() as tx, pytest.raises(accounts.SessionNotFound):
        accounts.end_session(tx, eve, ada.session.id)


def reset_key(people):
    with people.db.read() as tx:
        return accounts.reset_link(tx, SIGNER, "http://hub", people.ada.id).partition("key=")[2]


def test_a_reset_link_works_once_ends_sessions_and_opens_locks(people, clock):
    session = accounts.sign_in(people.db, "ada", PASSWORD, HOME)
    guess(people, 12, clock=clock)
    key = reset_key(people)
    accounts.reset_password(people.db, SIGNER, key, "another horse", AWAY)
    assert people.actor("session", session.secret) == STRANGER
    assert accounts.sign_in(people.db, "ada", "another horse", AWAY).user.name == "Ada"
    with pytest.raises(LinkUsed):
        accounts.reset_password(people.db, SIGNER, key, "a third horse", AWAY)


def test_a_reset_link_ends_after_an_hour(people, monkeypatch):
    key = reset_key(people)
    later = now().timestamp() + 3601
    monkeypatch.setattr("hubkeep.kit.signing.time.time", lambda: later)
    with people.db.read() as tx, pytest.raises(LinkUsed):
        accounts.read_reset_key(tx, SIGNER, key)


@pytest.mark.parametrize("key", ["", "x", "x.y.z", "\udce4"])
def test_an_altered_link_is_refused(people, key):
    with people.db.read() as tx, pytest.raises(LinkUsed):
        accounts.read_reset_key(tx, SIGNER, key)


def test_a_link_to_confirm_an_address_resets_no_password(people):
    key = confirm_link(SIGNER, "http://hub", people.ada.id, "new@example.org").partition("key=")[2]
    with people.db.read() as tx, pytest.raises(LinkUsed):
        accounts.read_reset_key(tx, SIGNER, key)


def test_an_address_counts_once_its_link_is_opened_by_whose_it_is(people):
    ada = people.actor("session", accounts.sign_in(people.db, "ada", PASSWORD, HOME).secret)
    key = confirm_link(SIGNER, "http://hub", people.ada.id, "new@example.org").partition("key=")[2]
    with people.db.write() as tx:
        assert accounts.change_email(tx, ada, "new@example.org", by_mail=True) is False
        assert accounts.whoami(tx, ada).user.email == "ada@example.org"
        assert accounts.confirm_email(tx, ada, SIGNER, key).email == "new@example.org"
        assert accounts.is_confirmed(tx, people.ada.id)
    with people.db.write() as tx:
        accounts.set_password(tx, people.eve.id, accounts.hash_password(PASSWORD))
    eve = people.actor("session", accounts.sign_in(people.db, "eve", PASSWORD, AWAY).secret)
    with people.db.write() as tx, pytest.raises(LinkUsed):
        accounts.confirm_email(tx, eve, SIGNER, key)


def test_who_finds_a_token_may_end_it(people):
    value = people.token(people.ada)
    with people.db.write() as tx:
        accounts.revoke_leaked(tx, STRANGER, [value, "hf_unknown", "x" * 5000])
    with pytest.raises(BadCredentials):
        people.actor("token", value)


def test_a_rotated_token_has_another_value_and_the_same_rights(people):
    value = people.token(people.ada)
    actor = people.actor("session", accounts.sign_in(people.db, "ada", PASSWORD, HOME).secret)
    with people.db.write() as tx:
        (token,) = accounts.list_tokens(tx, actor)
        rotated, fresh = accounts.rotate_token(tx, actor, token.id)
    assert (rotated.id, rotated.role) == (token.id, token.role)
    with pytest.raises(BadCredentials):
        people.actor("token", value)
    assert people.actor("token", fresh).name == "Ada"


def test_leaving_takes_tokens_and_sessions_along_but_leaves_no_organization_alone(people):
    value = people.token(people.ada)
    actor = people.actor("session", accounts.sign_in(people.db, "ada", PASSWORD, HOME).secret)
    with people.db.write() as tx:
        with pytest.raises(BadInput, match="confirm"):
            accounts.delete_account(tx, actor, "ada")
        org = accounts.owner_named(tx, "acme")
        accounts.set_member(tx, org.id, people.ada.id, Role.ADMIN)
    with people.db.write() as tx, pytest.raises(NotAllowed, match="acme"):
        accounts.delete_account(tx, actor, "Ada")
    with people.db.write() as tx:
        accounts.set_member(tx, org.id, people.eve.id, Role.ADMIN)
        accounts.delete_account(tx, actor, "Ada")
    with pytest.raises(BadCredentials):
        people.actor("token", value)
    with people.db.read() as tx:
        assert tx.sql.execute(sa.select(sa.func.count()).select_from(sessions)).scalar_one() == 0
        with pytest.raises(accounts.OwnerNotFound):
            accounts.owner_named(tx, "ada")


def test_a_token_changes_nothing_about_how_one_signs_in(people):
    actor = people.actor("token", people.token(people.ada))
    with people.db.write() as tx:
        for act in (
            lambda: accounts.list_sessions(tx, actor),
            lambda: accounts.end_other_sessions(tx, actor),
            lambda: accounts.stop_factor(tx, actor),
            lambda: accounts.delete_account(tx, actor, "Ada"),
            lambda: accounts.change_email(tx, actor, "x@example.org", by_mail=False),
            lambda: accounts.change_about(tx, actor, accounts.About("x")),
        ):
            with pytest.raises(NotAllowed):
                act()


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("website", accounts.About("Ada", website="javascript:alert(1)")),
        ("website", accounts.About("Ada", website="https://ada@evil.example")),
        ("website", accounts.About("Ada", website='https://x/"><script>')),
        ("details", accounts.About("Ada", details="x" * 1001)),
        ("github", accounts.About("Ada", socials={"github": "../evil"})),
        ("nowhere", accounts.About("Ada", socials={"nowhere": "ada"})),
    ],
)
def test_what_people_say_about_themselves_has_bounds(people, field, said):
    actor = people.actor("session", accounts.sign_in(people.db, "ada", PASSWORD, HOME).secret)
    with people.db.write() as tx, pytest.raises(BadInput, match=field):
        accounts.change_about(tx, actor, said)


def test_what_people_say_about_themselves_is_kept(people):
    actor = people.actor("session", accounts.sign_in(people.db, "ada", PASSWORD, HOME).secret)
    said = accounts.About(
        "Ada L.", "Writes\r\nnotes.", "https://example.org/ada", {"github": "@ada", "twitter": ""}
    )
    with people.db.write() as tx:
        accounts.change_about(tx, actor, said)
        kept = accounts.about(tx, people.ada.id)
    assert kept == accounts.About("Ada L.", "Writes\nnotes.", "https://example.org/ada", {"github": "ada"})


def test_old_counters_are_forgotten(people, clock):
    guess(people, 3)
    clock.move(days=2)
    with people.db.write() as tx:
        assert forget_attempts(tx) > 0
        assert accounts.authenticate(tx, Credentials()) == STRANGER
