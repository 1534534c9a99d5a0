"""Two at once: exactly one wins, the other is told so, nothing is half done. On SQLite and on PostgreSQL."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from tests.unit.cas.build import Cut, File, noise, shard, text
from tests.unit.cas.conftest import Store
from tests.unit.repos.conftest import House, add, large

from hubkeep import accounts, migrations, repos
from hubkeep.git import GitCache
from hubkeep.kit import Database, HubError, Job, Settings, Signer
from hubkeep.kit.jobs import Worker
from hubkeep.repos import RefExists, RefMoved, RepoNameTaken, Stores
from hubkeep.storage import LocalBlobs

AT_ONCE = 6


@pytest.fixture
def nodes(url, tmp_path):
    """Several nodes of one hub: each with its own connections and its own git cache."""
    made: list[House] = []
    for number in range(AT_ONCE):
        db = Database(url)
        migrations.upgrade(db)
        scratch = tmp_path / f"tmp{number}"
        scratch.mkdir()
        blobs = LocalBlobs(tmp_path / "blobs")
        cache = GitCache(tmp_path / f"cache{number}", blobs, scratch)
        stores = Stores(db, blobs, cache, scratch, Settings(data=tmp_path), Signer("test"))
        if not made:
            with db.write() as tx:
                users = [accounts.add_user(tx, name, f"{name}@example.org") for name in ("ada", "eve")]
            with db.read() as tx:
                actors = [accounts.actor_of(tx, user.id, True) for user in users]
        made.append(House(stores, *actors))
    yield made
    for house in made:
        house.stores.db.close()


def at_once(nodes: list[House], do: Callable[[House, int], object]) -> Counter[str]:
    """Run `do` on every node at the same moment; count what came of it: "done", or the name of the refusal."""
    start, outcomes = threading.Barrier(len(nodes)), []

    def run(house: House, number: int) -> None:
        start.wait()
        try:
            do(house, number)
            outcomes.append("done")
        except HubError as refusal:
            outcomes.append(type(refusal).__name__)
        except Exception as bug:  # noqa: BLE001  to be seen in the assertion
            outcomes.append(f"bug: {bug!r}")

    threads = [threading.Thread(target=run, args=(house, number)) for number, house in enumerate(nodes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(outcomes)


def sound(house: House) -> bool:
    return list(repos.fsck(house.stores, Counter(), deep=True)) == []


def test_one_name_is_taken_once(nodes):
    found = at_once(nodes, lambda house, _: house.make_repo(name="bert"))
    assert found == {"done": 1, RepoNameTaken.__name__: AT_ONCE - 1}
    assert sound(nodes[0])


def test_one_branch_is_made_once(nodes):
    repo = nodes[0].make_repo()
    found = at_once(
        nodes,
        lambda house, _: repos.create_branch(house.stores, house.ada, repo.kind, repo.full_name, "dev", None),
    )
    assert found == {"done": 1, RefExists.__name__: AT_ONCE - 1}
    assert sound(nodes[0])


def test_commits_of_different_people_all_land_one_after_the_other(nodes):
    repo = nodes[0].make_repo()
    found = at_once(nodes, lambda house, number: house.commit(repo, add(f"{number}.txt", b"x")))
    files = nodes[0].tree(repo)
    assert set(found) <= {"done", RefMoved.__name__}
    assert len(files) == 1 + found["done"]
    assert sound(nodes[0])


def test_of_commits_on_one_parent_exactly_one_lands(nodes):
    repo = nodes[0].make_repo()
    with nodes[0].stores.db.read() as tx:
        parent = repos.refs_of(tx, repo.id)["refs/heads/main"]
    found = at_once(nodes, lambda house, n: house.commit(repo, add(f"{n}.txt", b"x"), parent=parent))
    assert found == {"done": 1, RefMoved.__name__: AT_ONCE - 1}
    assert len(nodes[0].tree(repo)) == 2


def test_the_same_large_file_can_arrive_many_times_at_once(nodes):
    repo = nodes[0].make_repo()

    def upload(house: House, number: int) -> None:
        store = Store(house.stores.db, house.stores.blobs, house.stores.scratch)  # type: ignore[arg-type]  # any do
        store.keep(noise(100_000), repo.id)
        cut = Cut(text(200_000))
        store.send_xorb(cut.xorb, cut.body())
        store.register(shard(File.of(cut)), repo.id)

    assert at_once(nodes, upload) == {"done": AT_ONCE}
    sha256s = [Cut(noise(100_000)).sha256, Cut(text(200_000)).sha256]
    nodes[0].commit(repo, *[large(f"{number}.bin", sha256) for number, sha256 in enumerate(sha256s)])
    assert sound(nodes[0])


def test_users_of_one_name_exist_once(nodes):
    def join(house: House, _number: int) -> None:
        with house.stores.db.write() as tx:
            accounts.add_user(tx, "newcomer", "new@example.org")

    assert at_once(nodes, join) == {"done": 1, "NameTaken": AT_ONCE - 1}


def test_collecting_while_everybody_uploads_takes_nothing_that_gets_a_name(nodes):
    """The collector runs with a grace period of next to nothing beside writers of the same old bytes."""
    repo = nodes[0].make_repo()

    def work(house: House, number: int) -> None:
        for turn in range(5):
            if number == 0:
                repos.gc(house.stores)
            else:
                house.commit(repo, add(f"{number}-{turn}.txt", b"x" * turn))

    found = at_once(nodes, work)
    assert set(found) <= {"done", RefMoved.__name__}
    assert sound(nodes[0])


def test_two_workers_merge_packs_and_nothing_is_lost(nodes):
    repo = nodes[0].make_repo()
    for number in range(8):
        nodes[0].commit(repo, add(f"{number}.txt", str(number).encode()))
    before = set(nodes[0].tree(repo))
    with nodes[0].stores.db.write() as tx:
        for _ in range(AT_ONCE):
            tx.enqueue(Job("repos.repack", {"repo_id": repo.id}))

    def work(house: House, _number: int) -> None:
        handlers = {
            kind: lambda args, do=do, house=house: do(house.stores, args)
            for kind, do in repos.HANDLERS.items()
        }
        worker = Worker(house.stores.db, handlers)
        while worker.run_one():
            pass

    assert at_once(nodes, work) == {"done": AT_ONCE}
    assert set(nodes[1].tree(repo)) == before
    assert sound(nodes[0])
