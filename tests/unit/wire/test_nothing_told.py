"""Answers that could tell strangers what there is: forged ID tokens, tabs with names of repositories, webhooks of narrow tokens."""

import base64
import json

import pytest

from hubkeep import accounts, repos
from hubkeep.accounts import Entity, EntityType, NotAllowed, Permission, Scopes, TokenRole
from hubkeep.accounts.tokens import NewToken
from hubkeep.community import webhooks
from hubkeep.community.webhooks import Wish
from hubkeep.wire import oauth

ISSUER = "http://127.0.0.1:9"  # nothing answers there


def forged(issuer):
    middle = base64.urlsafe_b64encode(json.dumps({"iss": issuer, "sub": "x"}).encode()).decode().rstrip("=")
    return f"e30.{middle}.AAAA"


def test_a_forged_id_token_does_not_tell_which_repositories_trust_somebody(make_house):
    house = make_house(publishers={"issuers": [ISSUER]})
    repo = house.make_repo(private=True)
    with house.stores.db.write() as tx:
        where = (tx, house.actor(), repo.kind, repo.full_name)
        repos.add_publisher(*where, [ISSUER], ISSUER, {"repository": "ada/code"})
    answers = []
    for name in (repo.full_name, "ada/nothing"):
        fields = {"grant_type": oauth.TOKEN_EXCHANGE, "subject_token_type": oauth.ID_TOKEN}
        asked = fields | {"subject_token": forged(ISSUER), "resource": name}
        answer = house.client.post("/oauth/token", data=asked)
        answers.append((answer.status_code, answer.json()))
    assert answers[0] == answers[1]
    assert answers[0][0] >= 400


def test_a_private_model_called_like_a_tab_does_not_show_that_it_is_there(house):
    house.make_repo(name="likes", private=True)
    html = {"Accept": "text/html"}
    hidden, none = (house.client.get(f"/{name}/likes", headers=html) for name in ("ada", "eve"))
    assert (hidden.status_code, none.status_code) == (200, 200)


def test_a_token_that_reads_no_repositories_hears_of_none_by_a_webhook(house):
    me = house.actor().user_id
    home = Entity(EntityType.USER, me)

    def holder(*given):
        with house.stores.db.write() as tx:
            scopes = Scopes({home: frozenset({Permission.WEBHOOKS_WRITE, *given})})
            new = NewToken(f"hooks{len(given)}", TokenRole.FINE_GRAINED, scopes)
            token, _ = accounts.issue(tx, me, new)
            return accounts.actor_of(tx, me, can_write=False, token_id=token.id)

    wish = Wish("http://hub.test", "https://receiver.example/", [("user", "ada")])
    narrow = holder()
    with house.stores.db.write() as tx, pytest.raises(NotAllowed):
        webhooks.create(tx, narrow, wish)
    reader = holder(Permission.REPO_READ)
    with house.stores.db.write() as tx:
        webhooks.create(tx, reader, wish)
        others = Wish("http://hub.test", "https://receiver.example/", [("user", "eve")])
        assert webhooks.create(tx, narrow, others).url, "what is public anybody may hear"
