from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.unit.repos.conftest import add, large, remove

from hubkeep import cas, repos
from hubkeep.accounts import STRANGER, NotAllowed, NotSignedIn
from hubkeep.community import discussions, pulls
from hubkeep.community.discussions import DiscussionsDisabled, EventType, Query, Status, WrongStatus
from hubkeep.community.pulls import MergeConflict, NotAPullRequest, NotMergeable
from hubkeep.repos import (
    LfsObjectMissing,
    NewRepo,
    RefProtected,
    RepoNotFound,
    RevisionNotFound,
)


def draft(house, repo, actor=None, title="A proposal"):
    return house.on(
        lambda tx, who, *args: pulls.open_draft(tx, who, house.stores, *args),
        actor or house.eve,
        repo,
        title,
        "Please.",
    )


def status(house, repo, num, to, actor=None):
    return house.on(discussions.change_status, actor or house.ada, repo, num, to)


def delete_ref(house, repo, num, actor=None):
    return house.on(
        lambda tx, who, *args: pulls.delete_ref(tx, who, house.stores, *args), actor or house.ada, repo, num
    )


def types(house, repo, num):
    return [str(event.type) for event in house.details(repo, num).events]


def test_a_reader_opens_a_pull_request_with_a_commit_and_main_stays(house):
    repo = house.make_repo()
    before = house.ref(repo)
    opened = house.propose(repo, add("a.txt", b"new"), summary="Add a", description="Because.")
    pull = opened.happened.discussion
    assert (pull.num, pull.title, pull.status, pull.base_ref) == (1, "Add a", Status.OPEN, "refs/heads/main")
    assert house.ref(repo, "refs/pr/1") == opened.oid == pull.head_oid
    assert house.ref(repo) == before
    assert house.file(repo, "a.txt", "refs/pr/1") == b"new"
    events = house.details(repo, 1).events
    assert events[0].comment.raw == "Because."
    assert (events[1].type, events[1].data) == (EventType.COMMIT, {"subject": "Add a", "oid": opened.oid})
    assert "a.txt" not in house.tree(repo)


def test_a_proposal_does_not_touch_last_modified(house):
    repo = house.make_repo()
    house.propose(repo, add("a.txt"))
    with house.stores.db.read() as tx:
        after = repos.get(tx, house.ada, repo.kind, repo.full_name)
    assert after.last_modified == repo.last_modified
    assert after.refs_version > repo.refs_version


def test_numbers_are_shared_with_discussions_and_lists_tell_them_apart(house):
    repo = house.make_repo()
    house.discuss(repo)
    assert house.propose(repo, add("a")).happened.discussion.num == 2
    assert draft(house, repo).discussion.num == 3
    for kind, expected in ((True, [3, 2]), (False, [1]), (None, [3, 2, 1])):
        page = house.ask(
            discussions.list_discussions, STRANGER, repo.kind, repo.full_name, Query(is_pull_request=kind)
        )
        assert [item.discussion.num for item in page.items] == expected
        assert page.total == len(expected)


def test_a_draft_is_published_filled_and_merged(house):
    repo = house.make_repo()
    assert draft(house, repo).discussion.status is Status.DRAFT
    assert house.ref(repo, "refs/pr/1") == house.ref(repo)
    house.commit(repo, add("b.txt", b"one"), actor=house.eve, rev="refs/pr/1", summary="First")
    house.commit(repo, add("b.txt", b"two"), actor=house.eve, rev="refs/pr/1", summary="Second")
    with pytest.raises(NotMergeable, match="draft"):
        house.merge(repo, 1)
    status(house, repo, 1, Status.OPEN, house.eve)
    house.merge(repo, 1, comment="Thank you!")
    assert house.file(repo, "b.txt") == b"two"
    found = house.pull(repo, 1)
    pull = found.details.discussion
    assert (pull.status, pull.merge_oid) == (Status.MERGED, house.ref(repo))
    assert types(house, repo, 1) == [
        "comment",
        "commit",
        "commit",
        "status-change",
        "comment",
        "status-change",
    ]
    assert found.details.events[-2].comment.raw == "Thank you!"
    assert found.details.events[-1].data == {"status": "merged"}


def test_a_merge_is_one_commit_that_names_number_commits_and_authors(house):
    repo = house.make_repo()
    start = house.ref(repo)
    opened = house.propose(repo, add("a"), summary="Add a")
    second = house.commit(repo, add("b"), actor=house.ada, rev="refs/pr/1", summary="Add b").oid
    house.merge(repo, 1)
    with house.stores.db.read() as tx:
        _, commit = repos.commit_at(tx, STRANGER, house.stores, repo.kind, repo.full_name, "main")
    assert commit.parents == (start,)
    assert (commit.author, commit.title) == ("ada", "Add a (#1)")
    assert commit.body.splitlines() == [
        f"- Add a ({opened.oid})",
        f"- Add b ({second})",
        "",
        "Co-authored-by: eve <eve@users.noreply.127.0.0.1>",
    ]


def test_changes_on_main_and_in_the_pull_request_come_together(house):
    repo = house.make_repo()
    house.commit(repo, add("shared.txt", b"1\n2\n3\n4\n5\n6\n7\n8\n9\n"), add("dir/kept", b"k"))
    house.propose(repo, add("shared.txt", b"1\n2\n3\n4\n5\n6\n7\n8\nnine\n"), remove("dir/kept"))
    house.commit(repo, add("shared.txt", b"one\n2\n3\n4\n5\n6\n7\n8\n9\n"), add("other", b"o"))
    found = house.pull(repo, 1, diff=True)
    assert (list(found.conflicts), found.conflicting) == ([], False)
    assert "+nine" in found.diff
    assert "other" not in found.diff  # what main got since is no part of the proposal
    house.merge(repo, 1)
    assert house.file(repo, "shared.txt") == b"one\n2\n3\n4\n5\n6\n7\n8\nnine\n"
    assert set(house.tree(repo)) == {".gitattributes", "shared.txt", "other"}
    assert "+nine" in house.pull(repo, 1, diff=True).diff  # also when it is merged


def test_conflicts_are_named_and_nothing_changes(house):
    repo = house.make_repo()
    house.commit(repo, add("a", b"1\n"), add("b", b"1\n"))
    house.propose(repo, add("a", b"2\n"), remove("b"), add("c", b"new\n"))
    house.commit(repo, add("a", b"3\n"), add("b", b"3\n"))
    tip = house.ref(repo)
    found = house.pull(repo, 1)
    assert (list(found.conflicts), found.conflicting) == (["a", "b"], True)
    with pytest.raises(MergeConflict, match=r"conflicts with main: a, b\."):
        house.merge(repo, 1)
    assert house.ref(repo) == tip
    assert house.details(repo, 1).discussion.status is Status.OPEN
    house.commit(repo, add("a", b"3\n"), add("b", b"3\n"), rev="refs/pr/1")  # the author resolves them
    assert house.pull(repo, 1).conflicting is False
    house.merge(repo, 1)
    assert house.file(repo, "c") == b"new\n"


def test_a_pull_request_without_changes_is_not_merged(house):
    repo = house.make_repo()
    draft(house, repo)
    status(house, repo, 1, Status.OPEN)
    with pytest.raises(NotMergeable, match="changes nothing"):
        house.merge(repo, 1)
    found = house.pull(repo, 1, diff=True)
    assert (found.diff, list(found.conflicts)) == ("", [])


def test_only_writers_merge(house):
    repo = house.make_repo()
    house.propose(repo, add("a"))
    with pytest.raises(NotAllowed):
        house.merge(repo, 1, house.eve)
    with pytest.raises(NotSignedIn):
        house.merge(repo, 1, STRANGER)
    house.discuss(repo)
    with pytest.raises(NotAPullRequest):
        house.merge(repo, 2)


def test_only_author_and_writers_push_to_a_pull_request(house):
    repo = house.make_repo()
    house.propose(repo, add("a"))
    with pytest.raises(NotAllowed, match="somebody else"):
        house.commit(repo, add("b"), actor=house.rob, rev="refs/pr/1")
    with pytest.raises(NotSignedIn):
        house.commit(repo, add("b"), actor=STRANGER, rev="refs/pr/1")
    with pytest.raises(RevisionNotFound, match="no pull request"):
        house.commit(repo, add("b"), actor=house.ada, rev="refs/pr/2")
    with pytest.raises(NotAllowed):
        house.commit(repo, add("b"), actor=house.eve)  # a pull request opens no door to main
    house.commit(repo, add("b"), actor=house.eve, rev="refs/pr/1")
    house.commit(repo, add("c"), actor=house.ada, rev="refs/pr/1")
    assert types(house, repo, 1) == ["comment", "commit", "commit", "commit"]


def test_a_closed_pull_request_takes_no_commits_until_it_is_opened_again(house):
    repo = house.make_repo()
    house.propose(repo, add("a"))
    status(house, repo, 1, Status.CLOSED, house.eve)
    with pytest.raises(RefProtected, match="closed"):
        house.commit(repo, add("b"), actor=house.ada, rev="refs/pr/1")
    with pytest.raises(NotMergeable, match="closed"):
        house.merge(repo, 1)
    status(house, repo, 1, Status.OPEN, house.eve)
    house.commit(repo, add("b"), actor=house.eve, rev="refs/pr/1")
    house.merge(repo, 1)
    for action in (
        lambda: house.merge(repo, 1),
        lambda: house.commit(repo, add("c"), rev="refs/pr/1"),
        lambda: status(house, repo, 1, Status.OPEN),
        lambda: status(house, repo, 1, Status.CLOSED),
    ):
        with pytest.raises((NotMergeable, RefProtected, WrongStatus)):
            action()


def test_a_ref_is_deleted_only_when_its_pull_request_is_over(house):
    repo = house.make_repo()
    house.propose(repo, add("a", b"12345"))
    assert pulls.storage(house.stores, house.eve, repo.kind, repo.full_name, 1) == (5, False)
    with pytest.raises(WrongStatus, match="Close or merge"):
        delete_ref(house, repo, 1)
    status(house, repo, 1, Status.CLOSED)
    with pytest.raises(NotAllowed):
        delete_ref(house, repo, 1, house.rob)
    delete_ref(house, repo, 1, house.eve)
    with house.stores.db.read() as tx:
        assert "refs/pr/1" not in repos.refs_of(tx, repo.id)
    assert types(house, repo, 1)[-1] == "ref-deleted"
    assert house.pull(repo, 1, diff=True).details.discussion.ref_deleted
    assert pulls.storage(house.stores, house.eve, repo.kind, repo.full_name, 1) == (0, True)
    for action in (
        lambda: delete_ref(house, repo, 1),
        lambda: status(house, repo, 1, Status.OPEN),
        lambda: house.commit(repo, add("b"), rev="refs/pr/1"),
    ):
        with pytest.raises((WrongStatus, RevisionNotFound)):
            action()
    house.on(discussions.delete, house.ada, repo, 1)


def test_a_pull_request_whose_ref_exists_is_not_deleted(house):
    repo = house.make_repo()
    house.propose(repo, add("a"))
    with pytest.raises(WrongStatus, match="delete its ref"):
        house.on(discussions.delete, house.ada, repo, 1)


def test_the_ref_of_a_pull_request_cannot_be_made_or_deleted_by_publishing(house):
    repo = house.make_repo()
    tip = house.ref(repo)
    with pytest.raises(RevisionNotFound):
        repos.publish(house.stores, house.ada, repo, [], [repos.RefUpdate("refs/pr/7", None, tip)])
    house.propose(repo, add("a"))
    head = house.ref(repo, "refs/pr/1")
    with pytest.raises(RefProtected):
        repos.publish(house.stores, house.ada, repo, [], [repos.RefUpdate("refs/pr/1", head, None)])


def test_a_pull_request_may_start_from_an_older_commit(house):
    repo = house.make_repo()
    old = house.commit(repo, add("a", b"1")).oid
    house.commit(repo, add("a", b"2"))
    opened = house.propose(repo, add("b", b"b"), parentCommit=old[:8])
    with house.stores.db.read() as tx:
        _, commit = repos.commit_at(tx, STRANGER, house.stores, repo.kind, repo.full_name, opened.oid)
    assert commit.parents == (old,)
    house.merge(repo, 1)
    assert (house.file(repo, "a"), house.file(repo, "b")) == (b"2", b"b")
    with pytest.raises(RevisionNotFound):
        house.propose(repo, add("c"), parentCommit="abcdef12")


def test_a_pull_request_to_another_branch_lands_there(house):
    repo = house.make_repo()
    repos.create_branch(house.stores, house.ada, repo.kind, repo.full_name, "dev", None)
    house.propose(repo, add("a"), rev="dev")
    main = house.ref(repo)
    house.merge(repo, 1)
    assert "a" in house.tree(repo, "dev")
    assert house.ref(repo) == main
    with pytest.raises(RevisionNotFound):
        house.propose(repo, add("a"), rev="nope")


def test_without_its_branch_a_pull_request_cannot_be_merged(house):
    repo = house.make_repo()
    repos.create_branch(house.stores, house.ada, repo.kind, repo.full_name, "dev", None)
    house.propose(repo, add("a"), rev="dev")
    repos.delete_branch(house.stores, house.ada, repo.kind, repo.full_name, "dev")
    assert house.pull(repo, 1, diff=True).conflicting
    with pytest.raises(NotMergeable, match="does not exist"):
        house.merge(repo, 1)


def test_no_pull_requests_where_discussions_are_off_or_the_repository_is_hidden(house):
    repo, hidden = house.make_repo(), house.make_repo(private=True)
    house.on(discussions.update_settings, house.ada, repo, disabled=True, sorting=None)
    for action in (lambda: house.propose(repo, add("a")), lambda: draft(house, repo, house.ada)):
        with pytest.raises(DiscussionsDisabled):
            action()
    with pytest.raises(RepoNotFound):
        house.propose(hidden, add("a"))
    with pytest.raises(NotSignedIn):
        house.propose(house.make_repo(), add("a"), actor=STRANGER)


def test_a_large_file_of_a_proposal_must_be_uploaded_and_lands_with_the_merge(house):
    repo = house.make_repo()
    with pytest.raises(LfsObjectMissing):
        house.propose(repo, large("w.bin", "a" * 64))
    source = house.stores.scratch / "big"
    source.write_bytes(b"weights")
    sha256, size = cas.keep_whole(house.stores.blobs, source)
    with house.stores.db.write() as tx:
        cas.link_whole(tx, house.stores.blobs, repo.id, house.eve.user_id, sha256, size)
    house.propose(repo, large("w.bin", sha256, size))
    found = pulls.changes(house.stores, STRANGER, repo.kind, repo.full_name, 1)
    assert [(f.change.path, f.old, f.new and f.new.size) for f in found.files] == [("w.bin", None, 7)]
    house.merge(repo, 1)
    assert house.tree(repo)["w.bin"].pointer.sha256 == sha256


def test_the_files_a_proposal_changes_are_listed_with_sizes_up_to_a_limit(house):
    repo = house.make_repo()
    house.commit(repo, add("changed", b"1"), add("deleted", b"12"))
    house.propose(repo, add("changed", b"123"), remove("deleted"), add("new/file", b"1234"))
    found = pulls.changes(house.stores, STRANGER, repo.kind, repo.full_name, 1)
    sizes = [(f.change.path, f.old and f.old.size, f.new and f.new.size) for f in found.files]
    assert (sizes, found.more) == ([("changed", 1, 3), ("deleted", 2, None), ("new/file", None, 4)], False)
    some = pulls.changes(house.stores, STRANGER, repo.kind, repo.full_name, 1, 2)
    assert (len(some.files), some.more) == (2, True)


def test_a_copy_of_a_repository_leaves_pull_requests_behind(house):
    repo = house.make_repo()
    house.propose(repo, add("a"))
    copy = repos.duplicate(
        house.stores, house.eve, repo.kind, repo.full_name, NewRepo(repo.kind, "eve", "copy")
    )
    with house.stores.db.read() as tx:
        assert list(repos.refs_of(tx, copy.id)) == ["refs/heads/main"]
    assert house.propose(copy, add("b"), actor=house.ada).happened.discussion.num == 1


def test_a_very_short_or_long_commit_title_still_makes_a_title(house):
    repo = house.make_repo()
    assert house.propose(repo, add("a"), summary="x").happened.discussion.title == "Commit x"
    long = house.propose(repo, add("b"), summary="word " * 90).happened.discussion.title
    assert (len(long), long[-1]) == (200, "…")


def test_a_race_of_merges_and_commits_loses_nothing(house):
    """Six pull requests are merged at once while main gets commits: every change is there in the end, once."""
    repo = house.make_repo()
    for number in range(6):
        house.propose(repo, add(f"pr{number}", b"%d" % number), summary=f"Proposal {number}")
    with ThreadPoolExecutor(7) as pool:
        merged = [pool.submit(house.merge, repo, num) for num in range(1, 7)]
        pushed = [pool.submit(house.commit, repo, add(f"main{number}", b"m")) for number in range(5)]
        for future in (*merged, *pushed):
            future.result()
    expected = {f"pr{n}" for n in range(6)} | {f"main{n}" for n in range(5)} | {".gitattributes"}
    assert set(house.tree(repo)) == expected
    with house.stores.db.read() as tx:
        history = repos.history(
            tx, STRANGER, house.stores, repo.kind, repo.full_name, "main", skip=0, limit=50
        )
    assert history.total == 1 + 6 + 5
    assert {house.details(repo, num).discussion.status for num in range(1, 7)} == {Status.MERGED}


def test_one_pull_request_is_merged_once_however_many_try(house):
    repo = house.make_repo()
    house.propose(repo, add("a"))

    def merge(_):
        try:
            house.merge(repo, 1)
        except NotMergeable:
            return "refused"
        return "merged"

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(merge, range(4)))
    assert sorted(outcomes) == ["merged", "refused", "refused", "refused"]
    assert types(house, repo, 1) == ["comment", "commit", "status-change"]


def test_a_branch_taken_back_is_told_as_a_commit(house):
    repo = house.make_repo()
    first = house.propose(repo, add("a")).oid
    second = house.commit(repo, add("b"), actor=house.eve, rev="refs/pr/1").oid
    repos.publish(house.stores, house.eve, repo, [], [repos.RefUpdate("refs/pr/1", second, first)])
    events = house.details(repo, 1).events
    assert events[-1].data["oid"] == first
    assert house.details(repo, 1).discussion.head_oid == first
