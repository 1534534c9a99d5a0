"""What the Hub has and this hub does not is said in a sentence, not as a repository that is missing."""

import pytest

from hubkeep.repos import Kind
from hubkeep.wire import not_served


@pytest.mark.parametrize(
    ("method", "path", "feature"),
    [
        ("GET", "/api/jobs/ada", "Running jobs"),
        ("POST", "/api/scheduled-jobs/ada", "Running jobs"),
        ("GET", "/api/buckets/me", "buckets"),
        ("GET", "/api/daily_papers", "papers"),
        ("GET", "/api/papers/2401.00001", "papers"),
        ("GET", "/api/spaces/hardware", "Spaces"),
        ("GET", "/api/spaces/templates", "Spaces"),
        ("GET", "/api/spaces/zero-gpu/quota", "Spaces"),
        ("GET", "/api/organizations/lab/scim/v2/Users", "SCIM"),
    ],
)
def test_a_family_that_is_not_served_answers_501_with_a_sentence(house, method, path, feature):
    answer = house.client.request(method, path, headers=house.auth())
    assert answer.status_code == 501
    assert feature in answer.json()["error"]
    assert answer.headers["x-error-message"] == answer.json()["error"]
    assert "x-error-code" not in answer.headers


@pytest.mark.parametrize("call", ["runtime", "secrets", "logs/run", "restart", "volumes"])
def test_a_call_that_would_run_a_space_says_that_spaces_are_not_run(house, call):
    space = house.make_repo(kind=Kind.SPACE, sdk="gradio")
    answer = house.client.get(f"/api/spaces/{space.full_name}/{call}")
    assert (answer.status_code, "Running Spaces" in answer.json()["error"]) == (501, True)


def test_what_is_not_served_does_not_tell_whether_a_private_repository_exists(house):
    space = house.make_repo(kind=Kind.SPACE, sdk="gradio", private=True)
    hidden = house.client.get(f"/api/spaces/{space.full_name}/runtime", headers=house.auth("eve"))
    missing = house.client.get("/api/spaces/ada/none/runtime", headers=house.auth("eve"))
    assert [answer.headers["x-error-code"] for answer in (hidden, missing)] == ["RepoNotFound"] * 2
    assert hidden.status_code == missing.status_code == 404


def test_a_call_of_another_kind_and_a_made_up_one_are_just_nothing():
    assert not_served.of_repo(Kind.MODEL, "ada/bert/runtime") == ""
    assert not_served.of_repo(Kind.DATASET, "ada/rows/parquet/default") != ""
    assert not_served.of_repo(Kind.DATASET, "ada/rows/nonsense") == ""
    assert not_served.of_repo(Kind.DATASET, "ada/rows") == ""


def test_tasks_are_listed_with_the_models_that_widgets_use_of_which_there_are_none(house):
    answer = house.client.get("/api/tasks").json()
    assert answer["text-generation"]["label"] == "Text Generation"
    assert all(task["widgetModels"] == [] for task in answer.values())


def test_an_organization_has_one_id_wherever_it_is_named(house):
    lab = house.client.post("/api/organizations", json={"name": "lab"}, headers=house.auth())
    assert lab.status_code < 300, lab.text
    (mine,) = house.client.get("/api/whoami-v2", headers=house.auth()).json()["orgs"]
    (shown,) = house.client.get("/api/users/ada/overview").json()["orgs"]
    assert mine["id"] == shown["id"] == house.client.get("/api/organizations/lab/overview").json()["_id"]
