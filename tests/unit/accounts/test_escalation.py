"""Nobody makes more of what they hold than it is: tokens that make tokens, and strangers who are taken for somebody."""

import pytest
from tests.unit.accounts.test_orgs import House

from hubkeep import accounts
from hubkeep.accounts import Entity, EntityType, NotAllowed, Origin, Role, Scopes, TokenRole, oauth, orgs
from hubkeep.accounts import ssh_keys as keys
from hubkeep.accounts.oauth import InvalidMetadata
from hubkeep.accounts.oauth.errors import InvalidRedirect
from hubkeep.accounts.oidc.sign_in import _person
from hubkeep.accounts.tables import users
from hubkeep.accounts.tokens import NewToken
from hubkeep.kit import HubError, Settings
from hubkeep.kit.settings import OidcSettings

Perm = accounts.Permission


@pytest.fixture
def house(people):
    return House(people.db)


def holder(house, name, scopes):
    """Return somebody who came with a fine-grained token."""
    with house.db.write() as tx:
        user = accounts.user_named(tx, name)
        token, _ = accounts.issue(tx, user.id, NewToken("narrow", TokenRole.FINE_GRAINED, scopes))
        return accounts.actor_of(tx, user.id, can_write=False, token_id=token.id)


def org_id(house):
    with house.db.read() as tx:
        return accounts.owner_named(tx, "keep").id


def test_a_token_gives_a_service_account_no_more_than_it_has(house):
    keep = Entity(EntityType.ORG, org_id(house))
    account = house.do(orgs.create_service_account, "ada", "keep", "deploy")
    narrow = holder(house, "ada", Scopes({keep: frozenset({Perm.SERVICE_WRITE, Perm.REPO_READ})}))
    strong = Scopes({keep: frozenset({Perm.REPO_READ, Perm.ORG_WRITE})})
    there, _ = house.do(orgs.make_service_token, "ada", "keep", account.id, "strong", strong)
    more = (
        strong,
        Scopes(gated=True),
        Scopes(everywhere=frozenset({Perm.DISCUSSION_WRITE})),
        Scopes({Entity(EntityType.MODEL, 1): frozenset({Perm.REPO_WRITE})}),
    )
    with house.db.write() as tx:
        for scopes in more:
            with pytest.raises(NotAllowed):
                orgs.make_service_token(tx, narrow, "keep", account.id, "more", scopes)
            with pytest.raises(NotAllowed):
                orgs.change_service_token(tx, narrow, "keep", account.id, there.id, scopes=scopes)
        with pytest.raises(NotAllowed):
            orgs.rotate_service_token(tx, narrow, "keep", account.id, there.id)
        same = Scopes({Entity(EntityType.MODEL, 1): frozenset({Perm.REPO_READ})})
        made, _ = orgs.make_service_token(tx, narrow, "keep", account.id, "same", same)
        assert orgs.rotate_service_token(tx, narrow, "keep", account.id, made.id)


# What no token does, whatever it may: it would make itself last, or make others. `verb(tx, actor)`.
ONLY_IN_SESSIONS = {
    "make a token": lambda tx, actor: accounts.make_token(tx, actor, "more", TokenRole.WRITE),
    "give a token another value": lambda tx, actor: accounts.rotate_token(tx, actor, 1),
    "revoke a token": lambda tx, actor: accounts.revoke_token(tx, actor, 1),
    "see sessions": accounts.list_sessions,
    "end sessions": accounts.end_other_sessions,
    "add an SSH key": lambda tx, actor: keys.add_ssh_key(tx, actor, "key", "ssh-ed25519 AAAA"),
    "approve a device": lambda tx, actor: oauth.decide_device(tx, actor, "BCDF-GHJK", approve=True),
    "register an app": lambda tx, actor: oauth.register_app(
        tx, actor, "app", ["https://a.example/"], frozenset(), confidential=False
    ),
    "disconnect an app": lambda tx, actor: oauth.disconnect(tx, actor, "any"),
    "change the address": lambda tx, actor: accounts.change_email(tx, actor, "a@example.org", by_mail=False),
    "change the profile": lambda tx, actor: accounts.change_about(tx, actor, accounts.About("Eve")),
    "leave for good": lambda tx, actor: accounts.delete_account(tx, actor, "ada"),
    "take the second factor off": accounts.stop_factor,
    "new recovery codes": accounts.renew_codes,
}


@pytest.mark.parametrize("act", ONLY_IN_SESSIONS)
@pytest.mark.parametrize("role", TokenRole)
def test_no_token_makes_itself_last_or_makes_others(house, act, role):
    with house.db.write() as tx:
        user = accounts.user_named(tx, "ada")
        scopes = Scopes() if role is TokenRole.FINE_GRAINED else None
        token, _ = accounts.issue(tx, user.id, NewToken("any", role, scopes))
        actor = accounts.actor_of(tx, user.id, can_write=True, token_id=token.id)
        with pytest.raises(NotAllowed):
            ONLY_IN_SESSIONS[act](tx, actor)


@pytest.mark.parametrize("role", [TokenRole.READ, TokenRole.FINE_GRAINED])
def test_a_token_that_cannot_write_joins_and_leaves_nothing(house, role):
    asked = house.do(orgs.invite, "ada", "keep", "bob", Role.ADMIN)
    link = house.do(orgs.make_link, "ada", "keep", Role.READ)
    with house.db.write() as tx:
        user = accounts.user_named(tx, "bob")
        scopes = None if role is TokenRole.READ else Scopes(everywhere=frozenset({Perm.DISCUSSION_WRITE}))
        token, _ = accounts.issue(tx, user.id, NewToken("any", role, scopes))
        actor = accounts.actor_of(tx, user.id, can_write=True, token_id=token.id)
        for verb, args in (
            (orgs.accept_invitation, (asked.id,)),
            (orgs.decline_invitation, (asked.id,)),
            (orgs.join_by_link, ("keep", link.secret)),
            (orgs.leave, ("keep",)),
        ):
            with pytest.raises(NotAllowed):
                verb(tx, actor, *args)


def test_an_address_that_nobody_confirmed_joins_nobody_with_whoever_wrote_it_down(house):
    settings = Settings(oidc=OidcSettings(issuer="https://idp.example", client_id="hub", link_by_email=True))
    claims = {"sub": "1", "email": "boss@example.org", "email_verified": True, "preferred_username": "boss"}
    with house.db.write() as tx:
        eve = accounts.add_user(tx, "mallory", "boss@example.org", password_hash="x")
        assert _person(tx, settings, claims, Origin()).id != eve.id
    with house.db.write() as tx:
        tx.sql.execute(users.update().where(users.c.id == eve.id).values(email_confirmed=True))
        assert _person(tx, settings, claims | {"sub": "2"}, Origin()).id == eve.id


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example;script-src/",
        "https://a.example,x/",
        "https://a.example'/",
        "com.example.app://a;b/",
        "javascript:alert(1)",
        "https://a@b.example/",
        "https://a.example/#x",
        "http://a.example/",
    ],
)
def test_an_app_is_returned_to_plain_addresses_only(house, address):
    with house.db.write() as tx, pytest.raises((InvalidRedirect, InvalidMetadata)) as refused:
        oauth.register_app(
            tx, accounts.STRANGER, "app", [address], frozenset(), confidential=False, by_itself=True
        )
    assert isinstance(refused.value, HubError)


def test_one_network_does_not_use_up_the_codes_for_programs_of_all(house):
    near, far = Origin("192.0.2.7"), Origin("198.51.100.7")
    with house.db.write() as tx:
        for _ in range(100):
            oauth.begin_device(tx, oauth.CLI_APP.client_id, "", near)
        with pytest.raises(accounts.TooManyAttempts):
            oauth.begin_device(tx, oauth.CLI_APP.client_id, "", near)
        assert oauth.begin_device(tx, oauth.CLI_APP.client_id, "", far).device_code
