"""Addresses that people know from the Hub lead to what is meant here."""

import pytest

from hubkeep import accounts
from hubkeep.accounts import Role
from hubkeep.kit import BadInput
from hubkeep.web.hub_addresses import FIXED


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/new-dataset", "/new?kind=dataset"),
        ("/new-space?sdk=docker", "/new?kind=space&sdk=docker"),
        ("/settings", "/settings/profile"),
        ("/search/full-text?q=tide+tables", "/search?in=cards&q=tide+tables"),
        ("/organizations/tidewater", "/tidewater"),
        ("/organizations/tidewater/activity", "/tidewater/activity"),
        ("/ada/models", "/models?author=ada"),
        ("/ADA/datasets", "/ada/datasets"),
        ("/tidewater/spaces", "/spaces?author=tidewater"),
    ],
)
def test_an_address_of_the_hub_leads_to_the_page_of_this_one(site, path, there):
    answer = site.browser().get(path)
    assert (answer.status_code, answer.headers["location"]) == (307, there)


def test_every_one_leads_to_a_page_that_is_there(site):
    ada = site.browser("ada")
    for path in FIXED:
        assert ada.get(ada.get(path).headers["location"]).status_code == 200, path


def test_a_model_of_such_a_name_comes_first(site):
    site.repo("ada/models")
    assert "ada/models" in site.browser().page("/ada/models")


def test_nobody_can_be_called_like_them(site):
    with site.stores.db.write() as tx, pytest.raises(BadInput):
        accounts.add_org(tx, "new-space", {"ada": Role.ADMIN})


def test_an_address_that_tries_to_lead_away_does_not(site):
    answer = site.browser().get("/organizations/%2F%2Fevil.example")
    assert answer.headers["location"].startswith("/%2F%2Fevil")
