"""What is done to repositories is written down with what was before."""

import hashlib

from tests.unit.repos.conftest import add

from hubkeep import accounts, cas, repos
from hubkeep.accounts import AuditFilter
from hubkeep.repos import Changes, Kind, NewRepo


def log(house, **wanted):
    with house.stores.db.read() as tx:
        found = accounts.audit_entries(tx, accounts.COMMAND_LINE, AuditFilter(**wanted))
    return [(entry.type, dict(entry.data)) for entry in reversed(found)]


def test_a_repository_s_life_is_written_down(house):
    repo = house.make_repo(name="first")
    with house.stores.db.write() as tx:
        repos.update_settings(
            tx, house.ada, repo.kind, repo.full_name, Changes(private=not repo.private, gated="auto")
        )
        repos.update_settings(
            tx, house.ada, repo.kind, repo.full_name, Changes(gated="auto")
        )  # changes nothing
        repos.move(tx, house.ada, repo.kind, repo.full_name, "ada/second")
    repos.duplicate(
        house.stores, house.ada, repo.kind, "ada/second", NewRepo(Kind.MODEL, "ada", "copy", False)
    )
    with house.stores.db.write() as tx:
        repos.delete(tx, house.ada, repo.kind, "ada/second")
    named = {"repo_type": "model", "repo": "ada/first"}
    assert sorted(log(house, kind="repo"), key=str) == sorted(
        [
            ("repo.create", named | {"private": False}),
            ("repo.update_settings", named | {"before": {"private": False}, "after": {"private": True}}),
            ("repo.update_gated_settings", named | {"before": {"gated": ""}, "after": {"gated": "auto"}}),
            ("repo.move", named | {"before": "ada/first", "after": "ada/second"}),
            (
                "repo.duplication",
                {"repo_type": "model", "repo": "ada/copy", "source": "ada/second", "private": False},
            ),
            ("repo.delete", {"repo_type": "model", "repo": "ada/second", "private": True}),
        ],
        key=str,
    )
    assert len(log(house, repo_id=repo.id)) == 5


def test_branches_and_tags_that_go_and_rewritten_history_are_written_down(house):
    repo = house.make_repo()
    who = (house.stores, house.ada, repo.kind, repo.full_name)
    repos.create_branch(*who, "side", None)
    repos.create_tag(*who, "v1", "main", None)
    tip = house.commit(repo, add("x")).oid
    repos.delete_branch(*who, "side")
    repos.delete_tag(*who, "v1")
    new = repos.super_squash(*who, "main", None)
    acts = dict(log(house, repo_id=repo.id))
    assert acts["repo.delete_branch"]["ref"] == "refs/heads/side"
    assert acts["repo.delete_tag"]["ref"] == "refs/tags/v1"
    squashed = acts["repo.super_squash"]
    assert (squashed["ref"], squashed["before"], squashed["after"]) == ("refs/heads/main", tip, new)


def test_deleted_large_files_are_written_down(house):
    repo = house.make_repo()
    content = b"large" * 100
    path = house.stores.scratch / "large"
    path.write_bytes(content)
    sha256, size = cas.keep_whole(house.stores.blobs, path)
    with house.stores.db.write() as tx:
        cas.link_whole(tx, house.stores.blobs, repo.id, house.ada.user_id, sha256, size)
    assert sha256 == hashlib.sha256(content).hexdigest()
    repos.delete_lfs_files(
        house.stores, house.ada, repo.kind, repo.full_name, [sha256], rewrite_history=False
    )
    facts = dict(log(house))["repo.delete_lfs_files"]
    assert facts["sha256"] == [sha256]
    assert facts["rewrite_history"] is False
