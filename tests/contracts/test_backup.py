"""A hub comes back from its backup: on either database, in a folder or a bucket."""

import json
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.tools import postgres
from tests.unit.cas.build import noise, text
from tests.unit.cas.conftest import Store
from tests.unit.repos.conftest import House, add, large

from hubkeep import accounts, migrations, repos
from hubkeep.cli.backup import make_backup
from hubkeep.cli.manifest import MANIFEST, NotABackup, read_manifest
from hubkeep.cli.restore import NotEmpty, restore_backup
from hubkeep.kit import Database, Settings, metadata, now
from hubkeep.kit.keepsakes import keep, secret
from hubkeep.kit.settings import StorageSettings
from hubkeep.opening import open_stores, prepare


def make_hub(settings: Settings) -> House:
    """A hub with people, a repository with history, a whole blob and a Xet file."""
    prepare(settings)
    stores = open_stores(settings)
    with stores.db.write() as tx:
        ada = accounts.add_user(tx, "ada", "ada@example.org")
        eve = accounts.add_user(tx, "eve", "eve@example.org")
    with stores.db.read() as tx:
        actors = [accounts.actor_of(tx, user.id, True) for user in (ada, eve)]
    house = House(stores, *actors)
    assert keep(stores.db, "xet-epoch", "e1") == "e1"
    grow(house, "first")
    return house


def grow(house: House, name: str) -> None:
    repo = house.make_repo(name=name)
    store = Store(house.stores.db, house.stores.blobs, house.stores.scratch)  # type: ignore[arg-type]  # any blobs do
    whole = store.keep(noise(5000, seed=len(name)), repo.id)
    cut = store.upload(text(300_000) + name.encode(), repo.id)
    house.commit(repo, add("a.txt"), large("whole.bin", whole), large("xet.bin", cut.sha256))
    house.commit(repo, add("dir/ä.txt", name.encode()))


def rows(db: Database) -> dict[str, list]:
    """Everything that a backup must bring back; the epoch is meant to change, jobs and secrets are compared by themselves."""
    with db.read() as tx:
        return {
            table.name: sorted(map(repr, tx.sql.execute(sa.select(table))))
            for table in metadata.sorted_tables
            if not table.info.get("derived") and table.name != "keepsakes"
        }


@pytest.fixture
def hub(url, tmp_path):
    made = make_hub(Settings(data=tmp_path / "data", database_url=url))
    yield made
    made.stores.db.close()


@pytest.fixture(params=["sqlite", "postgresql", "bucket"])
def elsewhere(request, tmp_path) -> Settings:
    """An empty place for a hub."""
    if request.param == "postgresql":
        url = postgres.make_database(request.getfixturevalue("postgres_socket"))
        return Settings(data=tmp_path / "new", database_url=url)
    storage = request.getfixturevalue("bucket") if request.param == "bucket" else StorageSettings()
    return Settings(data=tmp_path / "new", storage=storage)


def test_everything_comes_back_and_the_epoch_is_new(hub, elsewhere, tmp_path):
    made = make_backup(hub.stores, tmp_path / "backup")
    assert made == read_manifest(tmp_path / "backup")
    restore_backup(elsewhere, tmp_path / "backup")
    stores = open_stores(elsewhere)
    try:
        assert rows(stores.db) == rows(hub.stores.db)
        assert secret(stores.db, "signing") == secret(hub.stores.db, "signing")
        assert keep(stores.db, "xet-epoch", "e1") not in ("", "e1")
        tally: Counter[str] = Counter()
        assert list(repos.fsck(stores, tally, deep=True)) == []
        assert tally["bytes read"] > 300_000
        back = House(stores, hub.ada, hub.eve)
        grow(back, "after")  # numbers go on behind those that were restored
        assert list(repos.fsck(stores, Counter(), deep=True)) == []
    finally:
        stores.db.close()


def test_a_second_backup_into_the_same_folder_brings_only_news(hub, tmp_path):
    target = tmp_path / "backup"
    first = make_backup(hub.stores, target)
    inodes = {path: path.stat().st_ino for path in (target / "blobs").rglob("*") if path.is_file()}
    grow(hub, "second")
    told: list[str] = []
    second = make_backup(hub.stores, target, tell=told.append)
    assert len([line for line in told if line.startswith("copied")]) == second.blobs - first.blobs
    assert {path: path.stat().st_ino for path in inodes} == inodes
    assert [path.name for path in target.glob("rows-*")] == [second.rows]
    restore_backup(Settings(data=tmp_path / "new"), target)
    stores = open_stores(Settings(data=tmp_path / "new"))
    assert rows(stores.db) == rows(hub.stores.db)
    stores.db.close()


@pytest.mark.parametrize("link", [True, False])
def test_files_of_one_disk_are_linked_unless_a_copy_is_asked_for(hub, tmp_path, link):
    make_backup(hub.stores, tmp_path / "backup", link=link)
    stat = next(iter(hub.stores.blobs.list("lfs/")))
    ours, theirs = hub.stores.blobs.local_path(stat.key), tmp_path / "backup" / "blobs" / stat.key
    assert (ours.stat().st_ino == theirs.stat().st_ino) is link
    assert ours.read_bytes() == theirs.read_bytes()


def test_a_backup_taken_while_people_commit_is_whole(hub, tmp_path):
    """Commits between the two passes over the blobs, and after the rows were read, must not leave names without bytes."""
    moments = iter(["during", "before-the-rows", "after-them"])

    def tell(line: str) -> None:
        if "rows" in line or line.startswith("copied 3 "):
            grow(hub, next(moments))

    make_backup(hub.stores, tmp_path / "backup", tell=tell)
    restore_backup(Settings(data=tmp_path / "new"), tmp_path / "backup")
    stores = open_stores(Settings(data=tmp_path / "new"))
    tally: Counter[str] = Counter()
    assert list(repos.fsck(stores, tally, deep=True)) == []
    assert tally["repositories"] == 3
    stores.db.close()


def test_nothing_is_restored_over_something(hub, tmp_path, url):
    make_backup(hub.stores, tmp_path / "backup")
    with pytest.raises(NotEmpty):
        restore_backup(hub.stores.settings, tmp_path / "backup")
    if url.startswith("postgresql"):
        with pytest.raises(NotEmpty) as refused:
            restore_backup(Settings(data=tmp_path / "new", database_url=url), tmp_path / "backup")
        assert "the database postgresql" in str(refused.value)


def test_a_folder_of_other_things_is_no_target_and_no_source(hub, tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "cat.jpg").write_bytes(b"meow")
    with pytest.raises(NotABackup):
        make_backup(hub.stores, folder)
    with pytest.raises(NotABackup):
        restore_backup(Settings(data=tmp_path / "new"), folder)
    assert not (tmp_path / "new").exists()


def test_a_backup_of_a_newer_release_is_refused(hub, tmp_path):
    target = tmp_path / "backup"
    make_backup(hub.stores, target)
    told = json.loads((target / MANIFEST).read_text())
    (target / MANIFEST).write_text(json.dumps(told | {"revision": "9999"}))
    with pytest.raises(migrations.SchemaTooNew):
        restore_backup(Settings(data=tmp_path / "new"), target)
    (target / MANIFEST).write_text(json.dumps(told | {"format": 2}))
    with pytest.raises(NotABackup):
        restore_backup(Settings(data=tmp_path / "new2"), target)


def test_a_backup_is_closed_to_others(hub, tmp_path):
    target: Path = tmp_path / "backup"
    made = make_backup(hub.stores, target)
    assert target.stat().st_mode & 0o777 == 0o700
    assert (target / made.rows).stat().st_mode & 0o777 == 0o700
    assert made.made_at <= f"{now():%Y-%m-%dT%H:%M:%S}.999Z"
