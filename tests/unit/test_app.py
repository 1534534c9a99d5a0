"""The roof leaves no room out: every door is open, every job has somebody to do it."""

import pkgutil
from importlib import import_module

import pytest
from tests.unit.wire.client import Client

from hubkeep import accounts, app, community, demo, opening, repos, search, wire
from hubkeep.kit import Settings
from hubkeep.wire import unknown


def test_every_router_of_the_wire_is_part_of_the_application():
    modules = [import_module(f"hubkeep.wire.{found.name}") for found in pkgutil.iter_modules(wire.__path__)]
    doors = {module for module in modules if hasattr(module, "router")}
    assert doors == {*app.JSON_ROUTERS, unknown}


def test_every_kind_of_job_has_a_handler(tmp_path):
    settings = Settings(data=tmp_path / "data")
    opening.prepare(settings)
    stores = opening.open_stores(settings)
    known = set(opening.job_worker(stores)._handlers)
    stores.db.close()
    rooms = (accounts, accounts.orgs, repos, search, community)
    assert known == {kind for room in rooms for kind in room.HANDLERS}


@pytest.mark.parametrize(
    "path", ["/gpt2/resolve/main/config.json", "/api/models/gpt2", "/api/models/gpt2/tree/main"]
)
def test_a_name_of_one_segment_is_a_missing_repository(served, path):
    answer = served.get(path)
    assert (answer.status_code, answer.headers["x-error-code"]) == (401, "RepoNotFound")


def test_a_call_that_does_not_exist_is_told_as_such_on_a_repository_that_does(served):
    answer = served.get("/api/models/demo/tiny-llama/frobnicate")
    assert answer.status_code == 404
    assert "x-error-code" not in answer.headers


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The whole application with its demo."""
    settings = Settings(data=tmp_path_factory.mktemp("app") / "data")
    opening.prepare(settings)
    stores = opening.open_stores(settings)
    demo.seed(stores)
    stores.db.close()
    return Client(app.build(settings))
