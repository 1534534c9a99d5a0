"""Results that open pull requests propose: told beside the model's own, until somebody decides."""

import json

from hubkeep.community import discussions, pulls
from hubkeep.community.discussions import Status
from hubkeep.repos import Kind

OWN = "- dataset: {id: ada/qa, task_id: main}\n  value: 0.5\n"
MORE = OWN + "- dataset: {id: ada/qa, task_id: hard}\n  value: 0.75\n  notes: by eve\n"


def put(path, text):
    return {"key": "file", "value": {"path": path, "content": text, "encoding": "utf-8"}}


def proposed(house, repo):
    house.work()
    with house.stores.db.read() as tx:
        return pulls.results_of_pulls(tx, repo.id)


def test_a_proposal_is_told_with_its_number_and_without_what_is_there_already(house):
    repo = house.make_repo()
    house.commit(repo, put(".eval_results/qa.yaml", OWN))
    assert proposed(house, repo) == []
    house.propose(repo, put(".eval_results/qa.yaml", MORE))
    found = proposed(house, repo)
    assert found == [
        {
            "filename": ".eval_results/qa.yaml",
            "data": {"dataset": {"id": "ada/qa", "task_id": "hard"}, "value": 0.75, "notes": "by eve"},
            "pullRequest": 1,
        }
    ]
    assert json.dumps(found)


def test_what_was_decided_is_proposed_no_longer(house):
    repo = house.make_repo()
    house.propose(repo, put(".eval_results/a.yaml", OWN))
    house.propose(repo, put(".eval_results/b.yaml", MORE))
    assert [one["pullRequest"] for one in proposed(house, repo)] == [2, 2, 1]
    house.on(discussions.change_status, house.ada, repo, 1, Status.CLOSED, None)
    assert [one["pullRequest"] for one in proposed(house, repo)] == [2, 2]
    house.on(discussions.change_status, house.ada, repo, 1, Status.OPEN, None)
    assert len(proposed(house, repo)) == 3
    house.merge(repo, 2)
    assert [one["pullRequest"] for one in proposed(house, repo)] == [1]


def test_a_file_that_cannot_be_read_says_why(house):
    repo = house.make_repo()
    house.propose(repo, put(".eval_results/a.yaml", "- x"))
    assert [set(one) for one in proposed(house, repo)] == [{"filename", "error", "pullRequest"}]


def test_other_pull_requests_and_other_repositories_propose_none(house):
    repo, data = house.make_repo(), house.make_repo(kind=Kind.DATASET)
    house.propose(repo, put("README.md", "# x"))
    house.propose(data, put(".eval_results/a.yaml", OWN))
    assert proposed(house, repo) == []
    assert proposed(house, data) == []


def test_one_proposal_has_room_for_a_little_whatever_its_files_hold(house):
    repo = house.make_repo()
    one = "- dataset: {{id: ada/qa, task_id: t{0}}}\n  value: 1\n  notes: {1}\n"
    house.propose(repo, put(".eval_results/many.yaml", "".join(one.format(n, "x") for n in range(150))))
    assert len(proposed(house, repo)) == 100
    house.propose(
        repo, put(".eval_results/long.yaml", "".join(one.format(n, "x" * 10_000) for n in range(9)))
    )
    assert [found["pullRequest"] for found in proposed(house, repo)].count(2) == 3
    house.propose(repo, put(".eval_results/huge.yaml", one.format(0, "x" * 200_000)))
    assert 3 not in [found["pullRequest"] for found in proposed(house, repo)]
