import pytest

from hubkeep import accounts
from hubkeep.accounts import (
    NameTaken,
    NotAllowed,
    NotSignedIn,
    OwnerNotFound,
    Role,
    TokenNameTaken,
    TokenNotFound,
    TokenRole,
    WrongPassword,
)
from hubkeep.kit import BadInput


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a" * 97,
        "-a",
        "a-",
        ".a",
        "a..b",
        "a--b",
        "a.git",
        "a/b",
        "ä",
        "a b",
        "a\n",
        "api",
        "Datasets",
        "settings",
        "robots.txt",
    ],
)
def test_names_against_the_rules_are_refused(people, name):
    with people.db.write() as tx, pytest.raises(BadInput):
        accounts.add_user(tx, name)


@pytest.mark.parametrize("name", ["ADA", "Acme"])
def test_users_and_organizations_share_one_namespace_whatever_the_capitals(people, name):
    with people.db.write() as tx:
        with pytest.raises(NameTaken):
            accounts.add_user(tx, name)
        with pytest.raises(NameTaken):
            accounts.add_org(tx, name, {})


def test_an_organization_with_an_unknown_member_is_not_added(people):
    with pytest.raises(OwnerNotFound), people.db.write() as tx:
        accounts.add_org(tx, "ghosts", {"nobody": Role.READ})
    with people.db.read() as tx, pytest.raises(OwnerNotFound):
        accounts.owner_named(tx, "ghosts")


def test_sign_in_by_name_in_any_case_or_by_address(people):
    assert accounts.sign_in(people.db, "ADA", "correct horse").user == people.ada
    assert accounts.sign_in(people.db, " Ada@Example.org ", "correct horse").user == people.ada


@pytest.mark.parametrize(
    ("login", "password"),
    [("ada", "wrong"), ("nobody", "correct horse"), ("eve", ""), ("", ""), ("ada", "x" * 100_000)],
)
def test_every_failed_sign_in_looks_the_same(people, login, password):
    with pytest.raises(WrongPassword, match=r"^Wrong name or password\.$"):
        accounts.sign_in(people.db, login, password)


def test_a_new_password_ends_every_session(people):
    session = accounts.sign_in(people.db, "ada", "correct horse")
    with people.db.write() as tx:
        accounts.set_password(tx, people.ada.id, accounts.hash_password("battery staple"))
    assert people.actor("session", session.secret).anonymous
    assert accounts.sign_in(people.db, "ada", "battery staple").user == people.ada


@pytest.mark.parametrize("password", ["", "short", "x" * 257])
def test_passwords_out_of_bounds_are_refused(password):
    with pytest.raises(BadInput, match="password"):
        accounts.hash_password(password)


def test_who_joins_can_sign_in(people):
    accounts.join(people.db, "grace", "grace@example.org", "a long password")
    assert accounts.sign_in(people.db, "grace", "a long password").user.name == "grace"
    with pytest.raises(NameTaken):
        accounts.join(people.db, "GRACE", "other@example.org", "a long password")
    with pytest.raises(BadInput, match="email"):
        accounts.join(people.db, "heidi", "not an address", "a long password")


def test_tokens_are_made_in_a_session_only(people):
    session = people.actor("session", accounts.sign_in(people.db, "ada", "correct horse").secret)
    with people.db.write() as tx:
        token, value = accounts.make_token(tx, session, "laptop", TokenRole.READ)
        assert accounts.list_tokens(tx, session) == [token]
    assert len(value) >= 37
    assert value.startswith("hf_")
    assert value[3:].isalnum()
    with people.db.write() as tx:
        by_token = accounts.authenticate(tx, accounts.Credentials("token", value))
        with pytest.raises(NotAllowed):
            accounts.make_token(tx, by_token, "more", TokenRole.WRITE)
        with pytest.raises(NotAllowed):
            accounts.revoke_token(tx, by_token, token.id)
        with pytest.raises(NotSignedIn):
            accounts.make_token(tx, accounts.STRANGER, "more", TokenRole.WRITE)


def test_nobody_revokes_a_token_of_somebody_else(people):
    people.token(people.eve)
    session = people.actor("session", accounts.sign_in(people.db, "ada", "correct horse").secret)
    with people.db.write() as tx, pytest.raises(TokenNotFound):
        accounts.revoke_token(tx, session, 1)


def test_two_tokens_of_one_user_have_two_names_and_a_brought_value_is_checked(people):
    people.token(people.ada, name="one")
    with people.db.write() as tx:
        with pytest.raises(TokenNameTaken):
            accounts.add_token(tx, people.ada.id, "one", TokenRole.READ)
        _, value = accounts.add_token(tx, people.ada.id, "mine", TokenRole.READ, "hf_my-own_value")
        assert value == "hf_my-own_value"
        for bad in ("my-own", "hf_", "hf_a b", "hf_" + "x" * 254):
            with pytest.raises(BadInput) as refused:
                accounts.add_token(tx, people.ada.id, "bad", TokenRole.READ, bad)
            assert bad not in str(refused.value) or bad == "hf_"


def test_whoami_and_profile(people):
    actor = people.actor("token", people.token(people.ada))
    with people.db.read() as tx:
        me = accounts.whoami(tx, actor)
        assert (me.user, [(org.org_name, org.role) for org in me.orgs]) == (
            people.ada,
            [("acme", Role.WRITE)],
        )
        with pytest.raises(NotSignedIn):
            accounts.whoami(tx, accounts.STRANGER)
        org = accounts.profile(tx, accounts.STRANGER, "acme")
        assert [(member.user.name, member.role) for member in org.members] == [
            ("Ada", Role.WRITE),
            ("eve", Role.READ),
        ]
