"""Webhooks that a narrow token made or sent elsewhere: their receiver hears no more than that token could read."""

import json
from functools import partial

import pytest
from tests.unit.community.test_webhooks import OWN, hook, told, trigger
from tests.unit.repos.conftest import add

from hubkeep import accounts, repos
from hubkeep.accounts import Entity, EntityType, NewToken, Permission, Scopes, TokenRole
from hubkeep.community import webhooks
from hubkeep.community.webhooks import DeliveryNotFound, Domain, Wish
from hubkeep.kit.jobs import Worker
from hubkeep.repos import Kind

ELSEWHERE = "https://elsewhere.example/"


@pytest.fixture
def narrow(house):
    """Ada's token for webhooks, which reads one repository of hers and no other."""
    house.open, house.closed = house.make_repo(private=True), house.make_repo(private=True)
    me = house.ada.user_id
    scopes = Scopes(
        {
            Entity(EntityType.USER, me): frozenset((Permission.WEBHOOKS_WRITE,)),
            house.open.entity: frozenset((Permission.REPO_READ,)),
        }
    )
    with house.stores.db.write() as tx:
        token, _ = accounts.issue(tx, me, NewToken("hooks", TokenRole.FINE_GRAINED, scopes))
        return accounts.actor_of(tx, me, can_write=False, token_id=token.id)


def private(house, repo, *, closed):
    with house.stores.db.write() as tx:
        repos.update_settings(tx, house.ada, repo.kind, repo.full_name, repos.Changes(private=closed))


def names(payloads):
    return {one["repo"]["name"] for one in payloads}


def call(house, made):
    """Run the calls, too; nobody answers there. Return what became of each."""
    kinds = {webhooks.TRIGGER: webhooks.trigger, "community.deliver": webhooks.deliver}
    worker = Worker(house.stores.db, {kind: partial(run, house.stores) for kind, run in kinds.items()})
    while worker.run_one():
        pass
    return {
        json.loads(one.payload)["repo"]["name"]: one.error
        for one in house.ask(webhooks.deliveries, house.ada, made.id)[0]
    }


def test_a_repository_that_is_closed_later_is_not_told_of_to_a_narrow_token(house, narrow):
    private(house, house.closed, closed=False)
    watched = [("model", repo.full_name) for repo in (house.open, house.closed)]
    made = hook(house, narrow, *watched)
    private(house, house.closed, closed=True)
    for repo in (house.open, house.closed):
        house.commit(repo, add("a"))
    assert names(told(house, house.ada, made)) == {house.open.full_name}


def test_an_organization_that_one_joins_later_does_not_tell_a_narrow_token_more(house, narrow):
    with house.stores.db.write() as tx:
        reef = accounts.add_org(tx, "reef", {})
    made, whole = (hook(house, actor, ("org", "reef")) for actor in (narrow, house.ada))
    with house.stores.db.write() as tx:
        accounts.set_member(tx, reef.id, house.ada.user_id, accounts.Role.ADMIN)
        ada = accounts.actor_of(tx, house.ada.user_id, can_write=True)
    for name, closed in (("dock", True), ("pier", False)):
        repos.create(house.stores, ada, repos.NewRepo(Kind.MODEL, "reef", name, private=closed))
    assert names(told(house, house.ada, made)) == {"reef/pier"}
    assert names(told(house, house.ada, whole)) == {"reef/dock", "reef/pier"}


def test_a_narrow_token_that_sends_a_webhook_elsewhere_takes_nothing_along(house, narrow):
    made = hook(house, house.ada, ("user", "ada"), domains=[Domain.REPO])
    for repo in (house.open, house.closed):
        house.commit(repo, add("a"))
    trigger(house)  # both wait to be delivered
    house.do(webhooks.update, narrow, made.id, Wish(OWN, url=ELSEWHERE))
    fates = call(house, made)
    assert fates[house.closed.full_name] == "the token that chose this address may not read it"
    assert "may not read" not in fates[house.open.full_name]
    house.commit(house.closed, add("b"))
    assert len(told(house, house.ada, made)) == len(fates)


def test_what_a_narrow_token_leaves_as_it_is_goes_on_as_before(house, narrow):
    made = hook(house, house.ada, ("user", "ada"), domains=[Domain.REPO])
    house.do(webhooks.update, narrow, made.id, Wish(OWN, url=made.url, secret="another"))
    house.commit(house.closed, add("a"))
    assert names(told(house, house.ada, made)) == {house.closed.full_name}


def test_a_person_who_chooses_the_address_anew_hears_everything_again(house, narrow):
    made = hook(house, narrow, ("model", house.open.full_name))
    house.do(webhooks.update, house.ada, made.id, Wish(OWN, url=ELSEWHERE, watched=[("user", "ada")]))
    house.commit(house.closed, add("a"))
    assert names(told(house, house.ada, made)) == {house.closed.full_name}


def test_a_narrow_token_reads_and_replays_only_deliveries_that_it_may_read(house, narrow):
    made = hook(house, house.ada, ("user", "ada"), domains=[Domain.REPO])
    for repo in (house.open, house.closed):
        house.commit(repo, add("a"))
    trigger(house)
    everything, _ = house.ask(webhooks.deliveries, house.ada, made.id)
    seen, _ = house.ask(webhooks.deliveries, narrow, made.id)
    assert names(json.loads(one.payload) for one in seen) == {house.open.full_name}
    (hidden,) = {one.id for one in everything} - {one.id for one in seen}
    with pytest.raises(DeliveryNotFound):
        house.do(webhooks.replay, narrow, made.id, hidden)
    assert house.do(webhooks.replay, narrow, made.id, seen[0].id).payload == seen[0].payload


def test_ids_in_a_payload_are_those_of_the_api(house):
    made = hook(house, house.ada, ("user", "ada"))
    repo = house.make_repo()
    house.discuss(repo, house.eve)
    with house.stores.db.read() as tx:
        known = {name: accounts.owner_named(tx, name) for name in ("ada", "eve")}
    ids = {name: f"{int(o.created_at.timestamp()):08x}{o.id:016x}" for name, o in known.items()}
    talk = next(one for one in told(house, house.ada, made) if "comment" in one)
    assert talk["repo"]["owner"] == {"id": ids["ada"]}
    assert talk["discussion"]["author"] == talk["comment"]["author"] == {"id": ids["eve"]}
