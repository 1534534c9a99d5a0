"""Models ranked by the results that their repositories keep."""

import pytest
from tests.unit.wire.conftest import add

from hubkeep.repos import Kind


def result(dataset: str, value: object, task: str = "arc") -> dict:
    text = f"- dataset: {{id: {dataset}, task_id: {task}}}\n  value: {value}\n  notes: by hand\n"
    return add(".eval_results/a.yaml", text.encode())


@pytest.fixture
def bench(house):
    """A dataset, and four models with results on it: one derived, one hidden."""
    dataset = house.make_repo(kind=Kind.DATASET, name="bench")
    for name, value, card, private in (
        ("low", 10, "", False),
        ("high", 90.5, "", False),
        ("child", 95, "base_model: ada/high", False),
        ("hidden", 99, "", True),
    ):
        repo = house.make_repo(name=name, private=private)
        house.commit(
            repo, result("Ada/Bench", value), add("README.md", f"---\nlicense: mit\n{card}\n---\n".encode())
        )
    return dataset


def test_models_are_ranked_and_hidden_ones_are_nobodys_business(house, bench):
    found = house.client.get("/api/datasets/ada/bench/leaderboard").json()
    assert [(one["rank"], one["modelId"], one["value"]) for one in found] == [
        (1, "ada/high", 90.5),
        (2, "ada/low", 10),
    ]
    assert found[0]["author"]["name"] == "ada"
    assert found[0]["author"]["type"] == "user"
    assert (found[0]["verified"], found[0]["filename"], found[0]["notes"]) == (
        False,
        ".eval_results/a.yaml",
        "by hand",
    )
    every = house.client.get(
        "/api/datasets/ada/bench/leaderboard?base_model=false", headers=house.auth()
    ).json()
    assert [one["modelId"] for one in every] == ["ada/hidden", "ada/child", "ada/high", "ada/low"]


def test_a_leaderboard_is_of_one_task(house, bench):
    other = house.make_repo(name="other")
    house.commit(other, result("ada/bench", 1, "gsm"))
    assert len(house.client.get("/api/datasets/ada/bench/leaderboard").json()) == 2
    told = house.client.get("/api/datasets/ada/bench/leaderboard?task_id=gsm").json()
    assert [one["modelId"] for one in told] == ["ada/other"]


def test_without_results_there_is_no_leaderboard(house):
    repo = house.make_repo(kind=Kind.DATASET)
    assert house.client.get(f"/api/datasets/{repo.full_name}/leaderboard").status_code == 404
    assert house.client.get("/api/datasets/ada/none/leaderboard").headers["x-error-code"] == "RepoNotFound"
    assert house.client.get(f"/api/models/{house.make_repo().full_name}/leaderboard").status_code == 404


def test_a_size_that_is_none_is_refused_by_name(house, bench):
    answer = house.client.get("/api/datasets/ada/bench/leaderboard?max_params=many")
    assert answer.status_code == 400
    assert "max_params" in answer.text
