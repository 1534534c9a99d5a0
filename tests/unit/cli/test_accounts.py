"""Commands about how people and programs sign in."""

import re

import pyotp
import pytest
from tests.unit.cli.test_operators import Commands

from hubkeep import accounts
from hubkeep.accounts import Credentials
from hubkeep.cli.options import opened
from hubkeep.kit import HubError, now


@pytest.fixture
def hubkeep(tmp_path):
    """A hub with ada, and acme, where she writes."""
    made = Commands(tmp_path / "data")
    with opened(made.data) as stores, stores.db.write() as tx:
        accounts.add_user(tx, "ada", "ada@example.org", password_hash=accounts.hash_password("correct horse"))
        accounts.add_org(tx, "acme", {"ada": accounts.Role.WRITE})
    return made


def test_a_link_to_a_new_password_is_printed_alone(hubkeep):
    link = hubkeep("user", "reset-password", "ada").stdout.strip()
    key = re.fullmatch(r"http://127\.0\.0\.1:8000/login/reset\?key=(\S+)", link)
    assert key, link
    with opened(hubkeep.data) as stores:
        assert accounts.reset_password(stores.db, stores.signer, key[1], "another horse").name == "ada"


def test_who_lost_the_app_is_let_in_again(hubkeep):
    with opened(hubkeep.data) as stores:
        secret = accounts.new_secret()
        session = accounts.sign_in(stores.db, "ada", "correct horse")
        with stores.db.write() as tx:
            actor = accounts.authenticate(tx, Credentials("session", session.secret))
            accounts.start_factor(tx, actor, secret, pyotp.TOTP(secret).at(now()))
    hubkeep("user", "reset-factor", "ada")
    with opened(hubkeep.data) as stores:
        assert accounts.sign_in(stores.db, "ada", "correct horse").user.name == "ada"


def test_a_fine_grained_token_is_made(hubkeep):
    value = hubkeep(
        *("token", "add", "ada", "--name", "ci", "--role", "fineGrained", "--days", "1", "--gated"),
        *("--allow", "org:acme=repo.content.read,discussion.write", "--allow", "everywhere=discussion.write"),
    ).stdout.strip()
    with opened(hubkeep.data) as stores, stores.db.read() as tx:
        token = accounts.authenticate(tx, Credentials("token", value)).token
    assert token is not None
    assert token.scopes is not None
    assert token.expires_at is not None
    assert token.scopes.gated
    assert token.scopes.everywhere == {accounts.Permission.DISCUSSION_WRITE}


@pytest.mark.parametrize(
    "allowed",
    ["org:acme=fly", "planet:mars=repo.write", "model:ada/none=repo.write", "org:acme=user.billing.read"],
)
def test_what_means_nothing_is_refused(hubkeep, allowed):
    got = hubkeep("token", "add", "ada", "--name", "ci", "--role", "fineGrained", "--allow", allowed, code=1)
    assert isinstance(got.exception, HubError)
