"""Fine-grained tokens: what each permission opens, and that nothing else is."""

import sys
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hubkeep import accounts
from hubkeep.accounts import (
    Action,
    Actor,
    BadCredentials,
    Credentials,
    Entity,
    EntityType,
    NewToken,
    Permission,
    Role,
    Scopes,
    TokenRole,
    may,
    may_create,
    may_discuss,
    may_pass_gates,
    may_propose,
)
from hubkeep.accounts.scopes import check_scopes, read_scopes
from hubkeep.accounts.tables import tokens
from hubkeep.kit import BadInput, now

MODEL, OTHER = Entity(EntityType.MODEL, 7), Entity(EntityType.MODEL, 8)
P = Permission


@dataclass(frozen=True)
class Thing:
    owner_id: int
    creator_id: int | None = None
    private: bool = True
    entity: Entity = MODEL
    resource_group_id: int | None = None


def scoped(people, scopes: Scopes, expires_at=None) -> Actor:
    with people.db.write() as tx:
        new = NewToken("fine", TokenRole.FINE_GRAINED, scopes, expires_at)
        value = accounts.issue(tx, people.ada.id, new)[1]
    actor: Actor = people.actor("token", value)
    return actor


def on(entity: Entity, *permissions: Permission) -> Scopes:
    return Scopes({entity: frozenset(permissions)})


def home(people) -> Entity:
    return Entity(EntityType.USER, people.ada.id)


def acme(people) -> Entity:
    with people.db.read() as tx:
        return Entity(EntityType.ORG, accounts.owner_named(tx, "acme").id)


def test_scopes_survive_being_written_down():
    scopes = Scopes({MODEL: frozenset((P.REPO_READ,))}, frozenset((P.DISCUSSION_WRITE,)), gated=True)
    assert read_scopes(scopes.text) == scopes


def test_a_fine_grained_token_carries_no_role_by_itself(people):
    actor = scoped(people, Scopes())
    assert (actor.roles, actor.can_write, actor.is_admin) == ({}, False, False)
    assert actor.lent[people.ada.id] is Role.ADMIN


@pytest.mark.parametrize(
    ("permission", "allowed"),
    [
        (P.REPO_READ, {Action.READ}),
        (P.REPO_CONTENT_WRITE, {Action.READ, Action.WRITE}),
        (P.REPO_WRITE, set(Action)),
        (P.DISCUSSION_WRITE, set()),
        (P.REPO_ACCESS_READ, set()),
    ],
)
def test_each_permission_opens_exactly_this(people, permission, allowed):
    actor = scoped(people, on(MODEL, permission))
    mine, other = Thing(people.ada.id), Thing(people.ada.id, entity=OTHER)
    assert {action for action in Action if may(actor, action, mine)} == allowed
    assert not any(may(actor, action, other) for action in Action)


def test_permission_on_a_namespace_counts_for_everything_in_it_and_nothing_beside_it(people):
    actor = scoped(people, on(acme(people), P.REPO_WRITE))
    assert may(actor, Action.WRITE, Thing(acme(people).id))
    assert may_create(actor, acme(people).id)
    assert not may(actor, Action.READ, Thing(people.ada.id))
    assert not may_create(actor, people.ada.id)


def test_a_token_never_gives_more_than_its_owner_has(people):
    actor = scoped(people, on(acme(people), P.REPO_WRITE))
    with people.db.write() as tx:
        accounts.set_member(tx, acme(people).id, people.ada.id, Role.READ)
    assert actor.token is not None
    with people.db.read() as tx:
        actor = accounts.actor_of(tx, people.ada.id, can_write=True, token_id=actor.token.id)
    assert may(actor, Action.READ, Thing(acme(people).id))
    assert not may(actor, Action.WRITE, Thing(acme(people).id))
    assert not may_create(actor, acme(people).id)


def test_a_fine_grained_token_of_an_operator_makes_no_operator(people):
    with people.db.write() as tx:
        tx.sql.execute(sa.text("UPDATE users SET is_admin = true"))
    actor = scoped(people, on(home(people), P.REPO_WRITE))
    assert not may(actor, Action.READ, Thing(people.eve.id))


def test_public_things_stay_readable(people):
    assert may(scoped(people, Scopes()), Action.READ, Thing(people.eve.id, private=False))


def test_discussions_need_their_own_permission(people):
    thing = Thing(people.eve.id, private=False)
    assert not may_discuss(scoped(people, on(home(people), P.REPO_WRITE)), thing)
    everywhere = Scopes(everywhere=frozenset((P.DISCUSSION_WRITE,)))
    with people.db.write() as tx:
        tx.sql.execute(sa.delete(tokens))
    assert may_discuss(scoped(people, everywhere), thing)


def test_who_may_write_may_propose(people):
    actor = scoped(people, on(MODEL, P.REPO_CONTENT_WRITE))
    assert may_propose(actor, Thing(people.ada.id))
    assert not may_propose(actor, Thing(people.ada.id, entity=OTHER))


@pytest.mark.parametrize(
    ("scopes", "answer"),
    [
        (Scopes(), False),
        (Scopes(gated=True), True),
        (on(MODEL, P.REPO_READ), True),
        (on(OTHER, P.REPO_READ), False),
    ],
)
def test_gates_open_to_tokens_that_say_so_or_name_the_repository(people, scopes, answer):
    assert may_pass_gates(scoped(people, scopes), Thing(people.eve.id, private=False)) is answer


def test_collections_have_permissions_of_their_own(people):
    collection = Thing(people.ada.id, entity=Entity(EntityType.COLLECTION, 7))
    reader = scoped(people, on(home(people), P.COLLECTION_READ))
    assert may(reader, Action.READ, collection)
    assert not may(reader, Action.WRITE, collection)
    assert not may(reader, Action.READ, Thing(people.ada.id))


def test_a_token_ends_on_time_even_when_it_is_remembered(people, monkeypatch):
    end = now() + timedelta(hours=1)
    with people.db.write() as tx:
        new = NewToken("short", TokenRole.WRITE, expires_at=end)
        value = accounts.issue(tx, people.ada.id, new)[1]
    credentials = Credentials("token", value)
    with people.db.read() as tx:
        assert accounts.authenticate(tx, credentials).name == "Ada"
    monkeypatch.setattr(sys.modules["hubkeep.accounts.authenticate"], "now", lambda: end)
    with people.db.read() as tx, pytest.raises(BadCredentials):
        accounts.authenticate(tx, credentials)


@pytest.mark.parametrize(
    "scopes",
    [
        on(MODEL, P.ORG_WRITE),
        on(Entity(EntityType.COLLECTION, 1), P.REPO_READ),
        Scopes(everywhere=frozenset((P.REPO_WRITE,))),
        Scopes({Entity(EntityType.MODEL, number): frozenset((P.REPO_READ,)) for number in range(101)}),
    ],
)
def test_permissions_that_mean_nothing_where_they_are_given_are_refused(scopes):
    with pytest.raises(BadInput, match="scopes"):
        check_scopes(scopes)


def test_scopes_belong_to_fine_grained_tokens_only(people):
    for role, scopes in ((TokenRole.WRITE, Scopes()), (TokenRole.FINE_GRAINED, None)):
        with people.db.write() as tx, pytest.raises(BadInput, match="scopes"):
            accounts.issue(tx, people.ada.id, NewToken("odd", role, scopes))


def test_an_end_in_the_past_is_refused(people):
    with people.db.write() as tx, pytest.raises(BadInput, match="expires_at"):
        accounts.issue(tx, people.ada.id, NewToken("late", TokenRole.READ, expires_at=now()))


def test_tokens_of_programs_may_share_a_name(people):
    new = NewToken("app", TokenRole.READ, kind=accounts.TokenKind.OAUTH, client_id="abc")
    with people.db.write() as tx:
        assert accounts.issue(tx, people.ada.id, new)[1] != accounts.issue(tx, people.ada.id, new)[1]


def test_no_permission_stands_for_what_is_a_persons_own(people):
    everything = Scopes({home(people): frozenset(accounts.APPLIES[EntityType.USER])})
    actor = scoped(people, everything)
    with people.db.write() as tx:
        for look in (
            accounts.list_tokens,
            accounts.list_sessions,
            accounts.list_ssh_keys,
            accounts.my_audit_entries,
            accounts.orgs.my_invitations,
        ):
            with pytest.raises(accounts.NotAllowed):
                look(tx, actor)


@pytest.mark.parametrize(("permission", "allowed"), [(P.REPO_WRITE, False), (P.ORG_READ, True)])
def test_the_audit_log_of_an_organization_needs_permission_for_it(people, permission, allowed):
    with people.db.write() as tx:
        accounts.set_member(tx, acme(people).id, people.ada.id, Role.ADMIN)
    actor = scoped(people, on(acme(people), permission))
    with people.db.read() as tx:
        if allowed:
            accounts.org_audit_entries(tx, actor, "acme", accounts.AuditFilter())
        else:
            with pytest.raises(accounts.NotAllowed):
                accounts.org_audit_entries(tx, actor, "acme", accounts.AuditFilter())
