"""Copying a repository in the browser."""

import pytest

from hubkeep import repos
from hubkeep.repos import Kind


def test_a_copy_is_made_with_its_history_and_is_private_unless_one_says_otherwise(site):
    source = site.repo("tidewater/bert", files={"config.json": b"{}"})
    ada = site.browser("ada")
    shown = ada.page("/tidewater/bert/duplicate")
    assert 'value="bert"' in shown
    answer = ada.send("/tidewater/bert/duplicate", {"owner": "ada", "name": "bert", "visibility": "private"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/ada/bert")
    with site.stores.db.read() as tx:
        copy = repos.get(tx, site.ada, Kind.MODEL, "ada/bert")
    assert copy.private
    assert "config.json" in ada.page("/ada/bert/tree/main")
    assert copy.id != source.id


def test_one_may_choose_that_everybody_sees_the_copy(site):
    site.repo("tidewater/rows", Kind.DATASET)
    site.browser("eve").send(
        "/datasets/tidewater/rows/duplicate", {"owner": "eve", "name": "again", "visibility": "public"}
    )
    assert site.browser().get("/datasets/eve/again").status_code == 200


def test_of_ones_own_the_form_offers_another_name(site):
    site.repo("ada/bert")
    assert 'value="bert-copy"' in site.browser("ada").page("/ada/bert/duplicate")


@pytest.mark.parametrize(
    "fields",
    [{"owner": "ada", "name": "taken"}, {"owner": "eve", "name": "x"}, {"owner": "ada", "name": "a..b"}],
)
def test_a_copy_that_cannot_be_is_refused_in_the_form(site, fields):
    site.repo("tidewater/bert")
    site.repo("ada/taken")
    answer = site.browser("ada").send("/tidewater/bert/duplicate", fields | {"visibility": "private"})
    assert answer.status_code in (400, 403, 409)
    assert 'name="owner"' in answer.text


def test_strangers_copy_nothing(site):
    site.repo("ada/shut", private=True)
    assert site.browser("eve").get("/ada/shut/duplicate").status_code == 404
    site.repo("ada/open")
    assert site.browser().get("/ada/open/duplicate").headers["location"] == "/login?next=/ada/open/duplicate"
    assert "/ada/open/duplicate" in site.browser("eve").page("/ada/open")
