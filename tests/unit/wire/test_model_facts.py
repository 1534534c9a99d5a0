"""What repo info tells of a model beyond its card: weights, results, and who uses it."""

from tests.unit.repos.ggufs import llama
from tests.unit.wire.conftest import add

from hubkeep.repos import Kind

RESULT = b"- dataset: {id: ada/bench, task_id: arc}\n  value: 61.25\n"


def info(house, repo, *expand: str):
    asked = "&".join(f"expand={name}" for name in expand)
    return house.client.get(f"/api/{repo.kind.plural}/{repo.full_name}?{asked}").json()


def test_gguf_and_results_are_told_when_asked_for(house):
    repo = house.make_repo()
    house.commit(
        repo, add("m.gguf", llama()), add(".eval_results/a.yaml", RESULT), add(".eval_results/b.yaml", b"x")
    )
    told = info(house, repo, "gguf", "evalResults")
    assert told["gguf"]["total"] == 2624
    assert told["gguf"]["architecture"] == "llama"
    assert told["evalResults"] == [
        {
            "filename": ".eval_results/a.yaml",
            "data": {"dataset": {"id": "ada/bench", "task_id": "arc"}, "value": 61.25},
        },
        {"filename": ".eval_results/b.yaml", "error": "must be a list of results"},
    ]
    assert info(house, repo)["gguf"] == told["gguf"]
    assert "evalResults" not in info(house, house.make_repo(), "evalResults")


def test_children_and_spaces_are_counted_but_not_the_hidden_ones(house):
    base = house.make_repo()
    card = f"---\nbase_model: {base.full_name}\n---\n".encode()
    house.commit(house.make_repo(), add("README.md", card))
    house.commit(house.make_repo(), add("README.md", card), add("adapter_config.json", b"{}"))
    hidden = house.make_repo(private=True)
    house.commit(hidden, add("README.md", card))
    space = house.make_repo(kind=Kind.SPACE, sdk="static")
    house.commit(space, add("README.md", f"---\nsdk: static\nmodels: [{base.full_name}]\n---\n".encode()))
    told = info(house, base, "childrenModelCount", "spaces", "baseModels")
    assert told["childrenModelCount"] == 2
    assert told["spaces"] == [space.full_name]
    assert info(house, base)["spaces"] == [space.full_name]
    child = info(house, hidden, "baseModels")
    assert "baseModels" not in child  # strangers are told nothing at all


def test_a_dataset_has_no_children_to_ask_for(house):
    dataset = house.make_repo(kind=Kind.DATASET)
    answer = house.client.get(f"/api/datasets/{dataset.full_name}?expand=childrenModelCount")
    assert answer.status_code == 400
