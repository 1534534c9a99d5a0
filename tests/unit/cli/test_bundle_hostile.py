"""Bundles of people who mean harm, folders that hold other things, hubs that go on working, processes that die."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter

import pytest
from tests.unit.web.furniture import Furniture

from hubkeep import accounts, repos
from hubkeep.cli import bundle_format as form
from hubkeep.cli.bundle_format import NotABundle
from hubkeep.cli.export import NoRoom, make_bundle
from hubkeep.cli.import_bundle import import_bundle
from hubkeep.cli.options import opened
from hubkeep.community import discussions
from hubkeep.repos import Kind

LARGE = bytes(range(256)) * 300


@pytest.fixture
def there(tmp_path):
    with opened(tmp_path / "there") as stores:
        with stores.db.write() as tx:
            ada = accounts.add_user(tx, "ada", "")
        with stores.db.read() as tx:
            actor = accounts.actor_of(tx, ada.id, can_write=True)
        house = Furniture(stores, actor)
        net = house.repo("ada/net", files={"README.md": b"# Net\n"})
        house.commit_lines(net, [house.large(net, "a.bin", LARGE), house.large(net, "b.bin", LARGE[::-1])])
        house.repo("ada/other", files={"a.txt": b"a"}, private=True)
        yield house


@pytest.fixture
def here(tmp_path):
    with opened(tmp_path / "here") as stores:
        yield stores


@pytest.fixture
def bundle(there, tmp_path):
    make_bundle(there.stores, ["ada"], tmp_path / "bundle")
    return tmp_path / "bundle"


def folder_of(bundle, name):
    manifest = json.loads((bundle / "manifest.json").read_text())
    return bundle / "repos" / next(one["folder"] for one in manifest["repos"] if one["name"] == name)


def is_here(stores, name):
    with stores.db.read() as tx:
        return repos.by_name(tx, Kind.MODEL, name) is not None


def test_links_are_followed_nowhere_in_a_bundle(here, bundle, tmp_path):
    net = folder_of(bundle, "net")
    net.rename(tmp_path / "elsewhere")
    net.symlink_to(tmp_path / "elsewhere")
    done = import_bundle(here, bundle)
    assert "cannot be read" in done.refused["ada/net"]
    assert (is_here(here, "ada/net"), done.made) == (False, ["ada/other"])
    blobs = bundle / "blobs"
    net.unlink()
    (tmp_path / "elsewhere").rename(net)
    blobs.rename(tmp_path / "blobs")
    blobs.symlink_to(tmp_path / "blobs")
    assert "cannot be read" in import_bundle(here, bundle).refused["ada/net"]
    (bundle / "manifest.json").rename(tmp_path / "manifest.json")
    (bundle / "manifest.json").symlink_to(tmp_path / "manifest.json")
    with pytest.raises(NotABundle, match="cannot be read"):
        import_bundle(here, bundle)


def test_a_plain_copy_of_a_bundle_is_one(here, bundle, tmp_path):
    shutil.copytree(bundle, tmp_path / "copy")
    assert import_bundle(here, tmp_path / "copy").made == ["ada/other", "ada/net"]


@pytest.mark.parametrize("name", ["manifest.json", "around.ndjson", "repo.json", "history.bundle"])
def test_a_file_that_broke_off_is_told_by_its_name_and_comes_whole_the_next_time(here, bundle, name):
    path = bundle / name if "." in name and (bundle / name).exists() else folder_of(bundle, "net") / name
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    if name in ("manifest.json", "around.ndjson"):
        with pytest.raises(NotABundle, match=name):
            import_bundle(here, bundle)
    else:
        assert name in import_bundle(here, bundle).refused["ada/net"]
    assert not is_here(here, "ada/net") or name == "around.ndjson"
    path.write_bytes(whole)
    assert import_bundle(here, bundle).refused == {}
    assert is_here(here, "ada/net")
    assert list(repos.fsck(here, Counter(), deep=True)) == []


def test_what_the_manifest_says_to_be_too_large_is_not_read(here, bundle, monkeypatch):
    monkeypatch.setattr(form, "MAX_JSON", 50)
    with pytest.raises(NotABundle, match="over 50 bytes"):
        import_bundle(here, bundle)
    monkeypatch.setattr(form, "MAX_JSON", 10_000)
    monkeypatch.setattr(form, "MAX_TALKS", 5)
    with pytest.raises(NotABundle, match="over 5 bytes"):
        import_bundle(here, bundle)


def test_a_folder_of_other_things_becomes_no_bundle_and_loses_nothing(there, tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "cat.jpg").write_bytes(b"meow")
    with pytest.raises(NoRoom, match=r"cat\.jpg"):
        make_bundle(there.stores, ["ada"], folder)
    assert [path.name for path in folder.iterdir()] == ["cat.jpg"]


def test_what_is_left_out_the_next_time_leaves_the_folder(there, bundle):
    make_bundle(there.stores, ["ada/other"], bundle)
    assert list((bundle / "blobs").rglob("*")) == []
    assert not (bundle / "around.ndjson").exists()
    assert [path.name for path in (bundle / "repos").iterdir()] == ["0000"]


def test_two_exports_into_one_folder_do_not_mix(there, bundle):
    def meanwhile(_line):
        with pytest.raises(NoRoom, match="another export"):
            make_bundle(there.stores, ["ada/other"], bundle)

    make_bundle(there.stores, ["ada"], bundle, tell=meanwhile)
    assert len(form.read_manifest(bundle).repos) == 2


def test_a_repository_is_written_as_one_moment_saw_it_whoever_works_meanwhile(
    there, here, tmp_path, monkeypatch
):
    """Between the reading of rows and the writing of history people push, propose, talk and delete."""
    real = repos.lend

    def busy(tx, stores, repo):
        if repo.full_name == "ada/net":
            who = (there.actor, Kind.MODEL, "ada/net")
            there.commit(repo, {"late.txt": b"late"}, "Too late")
            repos.create_branch(there.stores, *who, "late", "main")
            with there.stores.db.write() as more:
                discussions.create(more, *who, "Too late", "to be in it")
        return real(tx, stores, repo)

    monkeypatch.setattr("hubkeep.cli.export_bytes.repos.lend", busy)
    with there.stores.db.read() as tx:
        before = {ref.name: ref.oid for ref in repos.list_refs(tx, there.actor, Kind.MODEL, "ada/net")}
    make_bundle(there.stores, ["ada"], tmp_path / "bundle")
    assert import_bundle(here, tmp_path / "bundle").refused == {}
    with here.db.read() as tx:
        refs = repos.list_refs(tx, accounts.COMMAND_LINE, Kind.MODEL, "ada/net")
        assert {ref.name: ref.oid for ref in refs} == before
        net = repos.get(tx, accounts.COMMAND_LINE, Kind.MODEL, "ada/net")
        assert list(discussions.carry_out(tx, net.id)) == []
    with there.stores.db.read() as tx:
        assert len(repos.list_refs(tx, there.actor, Kind.MODEL, "ada/net")) == len(before) + 1


def test_one_of_an_owner_s_repositories_may_be_deleted_meanwhile(there, tmp_path):
    def meanwhile(line):
        if "ada/other" in line:
            with there.stores.db.write() as tx:
                repos.delete(tx, there.actor, Kind.MODEL, "ada/net")

    made = make_bundle(there.stores, ["ada"], tmp_path / "bundle", tell=meanwhile)
    assert [entry.name for entry in made.repos] == ["other"]


DYING = """
import os, signal, sys
from hubkeep.cli import main
left, real = int(sys.argv.pop(1)), os.fsync
def fsync(file):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    real(file)
os.fsync = fsync
main()
"""


def dies(data, after, *arguments):
    """Run a command that is killed at its `after`-th file made durable; return whether it lived to be."""
    command = [sys.executable, "-c", DYING, str(after), *arguments, "--data", str(data)]
    env = {"PATH": os.environ["PATH"], "HOME": str(data), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, env=env, capture_output=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


def test_export_and_import_that_are_killed_are_done_by_running_them_again(there, tmp_path):
    source, bundle = tmp_path / "there", tmp_path / "bundle"
    for after in (1, 2):
        assert dies(source, after, "export", "ada", "--to", str(bundle), "--copy")
        with pytest.raises(NotABundle, match=r"manifest\.json"):
            form.read_manifest(bundle)
    assert not dies(source, 1000, "export", "ada", "--to", str(bundle), "--copy")
    assert list(bundle.rglob("*.new")) == []
    for after in (2, 6):
        assert dies(tmp_path / "here", after, "import", str(bundle))
    assert not dies(tmp_path / "here", 1000, "import", str(bundle))
    with opened(tmp_path / "here") as here:
        assert list(repos.fsck(here, Counter(), deep=True)) == []
        assert (is_here(here, "ada/net"), is_here(here, "ada/other")) == (True, True)
        with here.db.read() as tx:
            net = repos.get(tx, accounts.COMMAND_LINE, Kind.MODEL, "ada/net")
            assert repos.used_storage(tx, net.id) == net.used_storage > 2 * len(LARGE)
