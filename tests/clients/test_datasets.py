"""The `datasets` library: loading, streaming, pushing."""

import json
from typing import Any

import pytest

VENV = "datasets"
ROWS: list[dict[str, Any]] = [{"n": n, "text": f"row {n}: ü"} for n in range(1000)]


def csv(rows) -> bytes:
    return ("n,text\n" + "".join(f"{row['n']},{row['text']}\n" for row in rows)).encode()


def jsonl(rows) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


@pytest.fixture
def plain(ada, repo):
    """A dataset of plain files: a split per file, text formats."""

    def story(hf, api):
        api.create_repo(repo, repo_type="dataset")
        files = {
            "data/train-0.csv": csv(ROWS[:600]),
            "data/train-1.csv": csv(ROWS[600:900]),
            "data/test-0.csv": csv(ROWS[900:]),
        }
        api.create_commit(
            repo,
            [hf.CommitOperationAdd(name, data) for name, data in files.items()],
            commit_message="csv",
            repo_type="dataset",
        )
        api.create_repo(f"{repo}-jsonl", repo_type="dataset")
        api.upload_file(
            path_or_fileobj=jsonl(ROWS),
            path_in_repo="train.jsonl",
            repo_id=f"{repo}-jsonl",
            repo_type="dataset",
        )

    ada.run(story)
    return repo


def test_plain_files_are_loaded(plain, fresh):
    def story():
        from datasets import load_dataset

        found = load_dataset(plain)
        assert {split: len(rows) for split, rows in found.items()} == {"train": 900, "test": 100}
        assert found["train"].to_list() + found["test"].to_list() == ROWS
        assert load_dataset(f"{plain}-jsonl", split="train").to_list() == ROWS
        assert load_dataset(plain, split="train[:10]").to_list() == ROWS[:10]

    fresh(None, VENV).run(story)


def test_plain_files_are_streamed(plain, fresh):
    def story():
        from datasets import load_dataset

        rows = load_dataset(plain, split="train", streaming=True)
        assert [row["n"] for row in rows.take(5)] == [0, 1, 2, 3, 4]
        assert sum(1 for _ in rows) == 900
        assert [
            row["n"] for row in load_dataset(f"{plain}-jsonl", split="train", streaming=True).skip(995)
        ] == [995, 996, 997, 998, 999]

    fresh(None, VENV).run(story)


def test_a_dataset_is_pushed_loaded_and_streamed(fresh, repo):
    def push():
        from datasets import Dataset, DatasetDict, Features, Sequence, Value

        features = Features({"n": Value("int64"), "text": Value("string"), "xs": Sequence(Value("float32"))})
        rows = [row | {"xs": [row["n"] / 2, 1.0]} for row in ROWS]
        splits = DatasetDict(
            train=Dataset.from_list(rows[:800], features=features),
            test=Dataset.from_list(rows[800:], features=features),
        )
        splits.push_to_hub(repo, private=True, commit_message="Push it")
        Dataset.from_list(ROWS[:3]).push_to_hub(repo, config_name="small", split="train")

    def pull(api):
        from datasets import get_dataset_config_names, load_dataset, load_dataset_builder

        found = load_dataset(repo)
        assert {split: len(rows) for split, rows in found.items()} == {"train": 800, "test": 200}
        assert found["test"][0] == ROWS[800] | {"xs": [400.0, 1.0]}
        assert sorted(get_dataset_config_names(repo)) == ["default", "small"]
        assert load_dataset(repo, "small", split="train").to_list() == ROWS[:3]
        streamed = load_dataset(repo, split="train", streaming=True)
        assert [row["n"] for row in streamed.take(3)] == [0, 1, 2]
        assert load_dataset_builder(repo).info.splits["train"].num_examples == 800
        info = api.dataset_info(repo)
        assert info.private
        assert any(file.rfilename.endswith(".parquet") for file in info.siblings)

    def nothing():
        from datasets import load_dataset
        from datasets.exceptions import DatasetNotFoundError

        with pytest.raises(DatasetNotFoundError):
            load_dataset(repo)

    fresh("ada", VENV).run(push)
    fresh("ada", VENV).run(pull)
    fresh("eve", VENV).run(nothing)
    fresh(None, VENV).run(nothing)


def test_a_dataset_without_xet_makes_the_journey_too(fresh, repo):
    def push():
        from datasets import Dataset

        Dataset.from_list(ROWS).push_to_hub(repo, num_shards=3)

    def pull():
        from datasets import load_dataset

        return load_dataset(repo, split="train").to_list() == ROWS

    fresh("ada", VENV, HF_HUB_DISABLE_XET="1").run(push)
    assert fresh(None, VENV, HF_HUB_DISABLE_XET="1").run(pull)
    assert fresh(None, VENV).run(pull)


def test_pandas_reads_and_writes_through_hf_paths(fresh, plain, repo):
    def story():
        import pandas as pd

        frame = pd.read_csv(f"hf://datasets/{plain}/data/test-0.csv")
        assert frame["n"].tolist() == list(range(900, 1000))
        frame.to_parquet(f"hf://datasets/{plain}/extra/out.parquet")
        again = pd.read_parquet(f"hf://datasets/{plain}/extra/out.parquet")
        assert again.equals(frame)

    fresh("ada", VENV).run(story)


def test_a_dataset_is_appended_to_and_revisions_stay(fresh, repo):
    def story(api):
        from datasets import Dataset, load_dataset

        Dataset.from_list(ROWS[:10]).push_to_hub(repo)
        first = api.dataset_info(repo).sha
        Dataset.from_list(ROWS[:20]).push_to_hub(repo)
        assert len(load_dataset(repo, split="train")) == 20
        assert len(load_dataset(repo, split="train", revision=first)) == 10

    fresh("ada", VENV).run(story)
