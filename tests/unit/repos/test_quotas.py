"""Nobody keeps more than they may, by whatever way it comes."""

import dataclasses
import hashlib
import random

import pytest
from sqlalchemy import event
from tests.unit.repos.conftest import add

from hubkeep import accounts, repos
from hubkeep.accounts import COMMAND_LINE, OwnQuota
from hubkeep.kit import BadInput, Settings
from hubkeep.kit.settings import QuotaSettings
from hubkeep.repos import Kind, LfsObject, LfsWay, NewRepo, StorageFull, TooManyRepos

ROOM = 100_000


@pytest.fixture
def tight(house):
    """The hub of `house`, where a user may have 3 repositories and 100,000 bytes."""
    quotas = QuotaSettings(user_bytes=ROOM, user_repos=3)
    settings = house.stores.settings.model_copy(update={"quotas": quotas})
    assert isinstance(settings, Settings)
    repos.guard_quotas(house.stores.db.bus, quotas)
    return dataclasses.replace(house, stores=dataclasses.replace(house.stores, settings=settings))


def boss(house):
    return dataclasses.replace(house.eve, is_admin=True)


def give(house, name="ada", **given):
    with house.stores.db.write() as tx:
        accounts.set_quota(tx, COMMAND_LINE, name, OwnQuota(**given))


def usage(house):
    with house.stores.db.read() as tx:
        return repos.usage_of(tx, house.ada.user_id)


def truth(house, *made):
    with house.stores.db.read() as tx:
        return sum(repos.used_storage(tx, repo.id) for repo in made)


def batch(house, repo, *sizes):
    objects = [LfsObject(f"{number:064x}", size) for number, size in enumerate(sizes)]
    with house.stores.db.read() as tx:
        return repos.lfs_batch(
            tx, house.ada, house.stores, repo.kind, repo.full_name, LfsWay.UPLOAD, objects
        )[1]


def upload(house, repo, content):
    path = house.stores.scratch / "upload"
    path.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    ticket = repos.LfsTicket(LfsWay.UPLOAD, repo.id, house.ada.user_id, sha256, len(content))
    repos.keep_lfs_upload(house.stores, house.ada, ticket, path, len(content), sha256)
    return sha256


def test_one_repository_too_many_is_refused_and_others_may_go_on(tight):
    for number in range(3):
        tight.make_repo(name=f"r{number}")
    with pytest.raises(TooManyRepos, match="ada may have 3"):
        tight.make_repo(name="r3")
    assert tight.make_repo(tight.eve).owner == "eve"
    assert usage(tight).repos == 3


def test_moving_and_duplicating_count_too(tight):
    for number in range(3):
        tight.make_repo(name=f"r{number}")
    with pytest.raises(TooManyRepos):
        repos.duplicate(tight.stores, tight.ada, Kind.MODEL, "ada/r0", NewRepo(Kind.MODEL, "ada", "copy"))
    with tight.stores.db.write() as tx:
        repos.move(tx, tight.ada, Kind.MODEL, "ada/r0", "ada/renamed")  # not one more

    theirs = repos.create(tight.stores, boss(tight), NewRepo(Kind.MODEL, "eve", "theirs"))

    def take():
        with tight.stores.db.write() as tx:
            repos.move(tx, boss(tight), Kind.MODEL, theirs.full_name, "ada/theirs")

    with pytest.raises(TooManyRepos):
        take()


def test_large_files_are_refused_before_they_are_sent(tight):
    repo = tight.make_repo()
    assert all(verdict.ticket for verdict in batch(tight, repo, 40_000, 40_000))
    with pytest.raises(StorageFull, match=r"ada may store 100,000 bytes"):
        batch(tight, repo, 40_000, 60_001)


def test_what_was_announced_and_grew_meanwhile_is_refused_at_the_end(tight):
    repo = tight.make_repo()
    upload(tight, repo, b"x" * 60_000)
    with pytest.raises(StorageFull):
        upload(tight, repo, b"y" * 60_000)
    upload(tight, repo, b"x" * 60_000)  # it is here already
    assert usage(tight).bytes == truth(tight, repo)


def test_commits_and_pull_requests_of_small_files_are_refused_but_making_room_is_not(tight):
    repo = tight.make_repo()
    noise = random.Random(1).randbytes(70_000)
    tight.commit(repo, add("noise", noise))
    with pytest.raises(StorageFull):
        tight.commit(repo, add("more", noise[::-1]))
    assert usage(tight).bytes == truth(tight, repo)
    give(tight, max_bytes=1)
    with pytest.raises(StorageFull):
        tight.commit(repo, add("tiny", b"x"))
    repos.super_squash(tight.stores, tight.ada, repo.kind, repo.full_name, "main", None)


def test_deleting_large_files_makes_room(tight):
    repo = tight.make_repo()
    sha256 = upload(tight, repo, b"x" * 90_000)
    with pytest.raises(StorageFull):
        batch(tight, repo, 20_000)
    repos.delete_lfs_files(tight.stores, tight.ada, repo.kind, repo.full_name, [sha256], rewrite_history=True)
    assert batch(tight, repo, 20_000)
    assert usage(tight).bytes == truth(tight, repo)


def test_a_duplicate_counts_as_much_as_its_source(tight):
    repo = tight.make_repo()
    upload(tight, repo, b"x" * 40_000)
    copy = repos.duplicate(
        tight.stores, tight.ada, repo.kind, repo.full_name, NewRepo(Kind.MODEL, "ada", "copy")
    )
    assert usage(tight).bytes >= 80_000
    with pytest.raises(StorageFull):
        repos.duplicate(
            tight.stores, tight.ada, repo.kind, copy.full_name, NewRepo(Kind.MODEL, "ada", "third")
        )


def test_a_xet_token_for_uploads_needs_room(tight):
    repo = tight.make_repo()
    give(tight, max_bytes=1)
    with tight.stores.db.read() as tx:
        asked = (tx, tight.ada, tight.stores, "e1", repo.kind, repo.full_name)
        assert repos.xet_token(*asked, write=False)
        with pytest.raises(StorageFull):
            repos.xet_token(*asked, write=True)


def test_an_operator_gives_somebody_numbers_of_their_own(tight):
    give(tight, max_repos=4)
    for number in range(4):
        tight.make_repo(name=f"r{number}")
    with pytest.raises(TooManyRepos):
        tight.make_repo(name="r4")
    give(tight, max_repos=0, max_bytes=0)  # any number
    tight.make_repo(name="r4")
    give(tight)  # the default again
    with pytest.raises(TooManyRepos):
        tight.make_repo(name="r5")
    with tight.stores.db.read() as tx:
        kinds = [e.type for e in accounts.audit_entries(tx, COMMAND_LINE, accounts.AuditFilter(kind="user"))]
    assert kinds == ["user.quota"] * 3


def test_only_operators_give_quotas_and_only_sensible_ones(tight):
    with tight.stores.db.write() as tx, pytest.raises(accounts.NotAllowed):
        accounts.set_quota(tx, tight.ada, "ada", OwnQuota(max_repos=100))
    for bad in (-1, 1 << 63):
        with pytest.raises(BadInput, match="max_bytes"):
            give(tight, max_bytes=bad)
    with pytest.raises(accounts.OwnerNotFound):
        give(tight, "nobody", max_bytes=1)


def test_without_a_quota_nothing_is_summed_up(house):
    said = []
    repo = house.make_repo()
    upload(house, repo, b"x" * 1000)
    event.listen(
        house.stores.db.engine,
        "before_cursor_execute",
        lambda _c, _k, statement, *_: said.append(statement),
    )
    upload(house, repo, b"y" * 1000)
    assert not [statement for statement in said if "sum(" in statement.lower()]
    assert usage(house).bytes == truth(house, repo)
