"""`hf discussions`, `hf collections` and `hf webhooks`, as people type them."""

import json

import pytest


@pytest.fixture
def hf(fresh):
    """Run `hf …` as ada; return what it printed."""
    user = fresh("ada")

    def hf(*arguments: str) -> str:
        said: str = user.program("hf", *arguments)
        return said

    return hf


@pytest.fixture
def made(hf, repo, tmp_path):
    """Create ada's model, with a file."""
    file = tmp_path / "notes.txt"
    file.write_text("one\n")
    hf("upload", repo, str(file), "notes.txt")
    return repo


def test_a_discussion_is_opened_answered_renamed_closed_and_reopened(hf, made):
    opened = json.loads(
        hf("discussions", "create", made, "--title", "How?", "--body", "I **ask**.", "--json")
    )
    num = str(opened["num"])
    hf("discussions", "comment", made, num, "--body", "Like this.")
    hf("discussions", "rename", made, num, "How, then?")
    told = hf("discussions", "info", made, num, "--json")
    assert json.loads(told)["title"] == "How, then?"
    hf("discussions", "close", made, num, "--yes")
    assert json.loads(hf("discussions", "list", made, "--json")) == []
    hf("discussions", "reopen", made, num, "--yes")
    assert [one["num"] for one in json.loads(hf("discussions", "list", made, "--json"))] == [int(num)]


def test_a_pull_request_is_made_shown_and_merged(hf, made, tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("one\ntwo\n")
    hf("upload", made, str(file), "notes.txt", "--create-pr", "--commit-message", "Add a line")
    (pull,) = json.loads(hf("discussions", "list", made, "--kind", "pull_request", "--json"))
    num = str(pull["num"])
    assert "+two" in hf("discussions", "diff", made, num)
    hf("discussions", "merge", made, num, "--yes")
    merged = json.loads(hf("discussions", "list", made, "--status", "merged", "--json"))
    assert [one["num"] for one in merged] == [int(num)]
    (tmp_path / "out").mkdir()
    hf("download", made, "notes.txt", "--local-dir", str(tmp_path / "out"))
    assert (tmp_path / "out" / "notes.txt").read_text() == "one\ntwo\n"


def test_a_collection_is_filled_changed_and_deleted(hf, made):
    slug = json.loads(hf("collections", "create", f"Of {made.split('/')[1]}"[:59], "--json"))["slug"]
    hf("collections", "add-item", slug, made, "model", "--note", "mine")
    told = json.loads(hf("collections", "info", slug, "--json"))
    (item,) = told["items"]
    assert made in json.dumps(item)
    key = item.get("item_object_id") or item["_id"]
    hf("collections", "update-item", slug, key, "--note", "still mine")
    assert "still mine" in hf("collections", "info", slug, "--json")
    hf("collections", "delete-item", slug, key)
    hf("collections", "delete", slug)
    assert slug not in hf("collections", "ls", "--owner", "ada", "--json")


def test_a_webhook_is_made_stopped_and_deleted(hf, made):
    url = "https://receiver.example/hook"
    made_one = json.loads(hf("webhooks", "create", "--watch", f"model:{made}", "--url", url, "--json"))
    number = made_one["id"]
    assert number in hf("webhooks", "ls", "--json")
    hf("webhooks", "disable", number)
    assert json.loads(hf("webhooks", "info", number, "--json"))["disabled"] is True
    hf("webhooks", "enable", number)
    hf("webhooks", "delete", number, "--yes")
    assert number not in hf("webhooks", "ls", "--json")
