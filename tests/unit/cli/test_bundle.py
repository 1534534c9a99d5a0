"""Repositories that travel to another hub in a folder: everything arrives, and nothing that is broken does."""

import base64
import hashlib
import json
import os
import random
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.unit.cli.test_operators import Commands
from tests.unit.web.furniture import Furniture

from hubkeep import accounts, repos
from hubkeep.accounts import Role
from hubkeep.cli.bundle_format import NotABundle, blob_parts
from hubkeep.cli.export import make_bundle
from hubkeep.cli.import_bundle import import_bundle
from hubkeep.cli.import_state import Authors
from hubkeep.cli.operator import existing
from hubkeep.cli.options import opened
from hubkeep.community import discussions, pulls
from hubkeep.community.discussions import Status
from hubkeep.git import write_bundle
from hubkeep.repos import Kind, Stores

WEIGHTS = random.Random(5).randbytes(300_000)


@dataclass
class Made:
    """A bundle of a hub that has one of everything."""

    folder: Path
    source: Stores


@pytest.fixture
def there(tmp_path):
    """The hub that repositories come from."""
    with opened(tmp_path / "there") as stores:
        _furnish(stores)
        yield stores


@pytest.fixture
def here(tmp_path):
    """An empty hub."""
    with opened(tmp_path / "here") as stores:
        yield stores


@pytest.fixture
def bundle(there, tmp_path):
    make_bundle(there, ["acme", "ada"], tmp_path / "bundle")
    return tmp_path / "bundle"


def _furnish(stores):
    with stores.db.write() as tx:
        ada = accounts.add_user(tx, "ada", "ada@example.org", fullname="Ada Lovelace", password_hash="x")
        bob = accounts.add_user(tx, "bob", "bob@example.org")
        accounts.add_org(tx, "acme", {"ada": Role.ADMIN, "bob": Role.WRITE}, fullname="Acme")
    with stores.db.read() as tx:
        actors = [accounts.actor_of(tx, user.id, True) for user in (ada, bob)]
    furniture = Furniture(stores, actors[0])
    card = b"---\nlicense: mit\n---\n# Weights\n"
    model = furniture.repo("acme/weights", files={"README.md": card, "a/b.txt": b"one\n"})
    furniture.commit_lines(model, [furniture.large(model, "model.bin", WEIGHTS)], "Add weights")
    furniture.commit(model, {"a/b.txt": b"two\n"}, "Change it")
    who = (stores, actors[0], model.kind, model.full_name)
    repos.create_branch(*who, "side/way", None)
    repos.create_tag(*who, "v1", "main", "the first")
    _talk(stores, actors, furniture, model)
    furniture.repo("ada/private-rows", Kind.DATASET, {"data.csv": b"a,b\n1,2\n"}, private=True)
    furniture.repo("ada/app", Kind.SPACE)
    furniture.repo("ada/plain")
    _gate(stores, actors, furniture.repo("acme/sealed", files={"README.md": card}))


def _gate(stores, actors, repo):
    """A gate that holds for members, too: carol was let in, bob asked and was refused."""
    ada, bob = actors
    with stores.db.write() as tx:
        accounts.add_user(tx, "carol", "carol@example.org")
        changes = repos.Changes(gated="manual", members_gated=True)
        repos.update_settings(tx, ada, repo.kind, repo.full_name, changes)
        repos.grant_access(tx, ada, repo.kind, repo.full_name, repos.Whose("carol"))
        repos.ask_access(tx, bob, repo.kind, repo.full_name, {})
        refused = (repos.Whose("bob"), repos.AccessStatus.REJECTED, "Not yet.")
        repos.handle_access_request(tx, ada, repo.kind, repo.full_name, *refused)


def _talk(stores, actors, furniture, model):
    ada, bob = actors
    with stores.db.write() as tx:
        opened_ = discussions.create(
            tx, bob, model.kind, model.full_name, "Does it float?", "It should **float**."
        )
        num = opened_.discussion.num
        discussions.comment(tx, ada, model.kind, model.full_name, num, "It does.")
        discussions.change_status(tx, ada, model.kind, model.full_name, num, Status.CLOSED, "Done.")
    body = stores.scratch / "proposal"
    content = base64.b64encode(b"---\nlicense: mit\n---\n# Better weights\n").decode()
    lines = [
        {"key": "header", "value": {"summary": "Say it better", "description": "please"}},
        {"key": "file", "value": {"path": "README.md", "content": content, "encoding": "base64"}},
    ]
    body.write_text("".join(json.dumps(line) + "\n" for line in lines))
    pulls.open_with_commit(stores, bob, model.kind, model.full_name, "main", body)
    body.unlink()


def refs_of(stores, kind, name):
    with stores.db.read() as tx:
        repo = repos.by_name(tx, kind, name)
        return {
            ref.name: (ref.oid, ref.commit_oid)
            for ref in repos.list_refs(tx, accounts.COMMAND_LINE, kind, name)
        }, repo


def talks_of(stores, kind, name):
    with stores.db.read() as tx:
        repo = repos.by_name(tx, kind, name)
        assert repo is not None
        people = {one.id: one.name for one in accounts.every_owner(tx, 0, 1000)}
        return [
            [
                (talk.num, talk.title, talk.status, people.get(talk.author_id or 0), talk.created_at),
                (talk.base_ref, talk.head_oid),
                [
                    (d.type, d.at, people.get(d.user_id or 0), d.data, d.said and d.said.now.raw)
                    for d in talk.deeds
                ],
            ]
            for talk in discussions.carry_out(tx, repo.id)
        ]


def files_of(stores, kind, name, revision="main"):
    with stores.db.read() as tx:
        page = repos.tree(tx, accounts.COMMAND_LINE, stores, kind, name, revision, "", recursive=True)
        found = {}
        for listed in page.entries:
            if listed.file.kind != "file":
                continue
            at = repos.resolve(
                tx, accounts.COMMAND_LINE, stores, kind, name, revision, listed.file.path, body=True
            )
            assert at.data is not None or at.local is not None
            found[listed.file.path] = at.data if at.local is None else at.local.read_bytes()
        return found


def rewrite(bundle, folder, name, change):
    """Change a JSON file of a bundle, and what the manifest says of it."""
    path = bundle / "repos" / folder / name
    facts = json.loads(path.read_text())
    change(facts)
    path.write_text(json.dumps(facts))
    reseal(bundle, folder, name)


def reseal(bundle, folder, name):
    path = bundle / "repos" / folder / name
    manifest = json.loads((bundle / "manifest.json").read_text())
    entry = next(one for one in manifest["repos"] if one["folder"] == folder)
    data = path.read_bytes()
    entry["files"][name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (bundle / "manifest.json").write_text(json.dumps(manifest))


def folder_of(bundle, name):
    manifest = json.loads((bundle / "manifest.json").read_text())
    return next(one["folder"] for one in manifest["repos"] if one["name"] == name)


def only(bundle, name):
    """Leave only one repository in the manifest."""
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["repos"] = [one for one in manifest["repos"] if one["name"] == name]
    (bundle / "manifest.json").write_text(json.dumps(manifest))


def test_everything_arrives_on_an_empty_hub(there, here, bundle):
    done = import_bundle(here, bundle)
    assert done.refused == {}
    made = ["acme/sealed", "acme/weights", "ada/plain", "datasets/ada/private-rows", "spaces/ada/app"]
    assert sorted(done.made) == made
    for kind, name in (
        (Kind.MODEL, "acme/weights"),
        (Kind.DATASET, "ada/private-rows"),
        (Kind.SPACE, "ada/app"),
        (Kind.MODEL, "ada/plain"),
    ):
        theirs, repo = refs_of(there, kind, name)
        ours, copy = refs_of(here, kind, name)
        assert ours == theirs
        same = ("private", "gated", "sdk", "default_branch", "created_at", "disabled")
        assert [getattr(copy, fact) for fact in same] == [getattr(repo, fact) for fact in same]
        with here.db.read() as tx:
            assert copy.used_storage == repos.used_storage(tx, copy.id)
        assert files_of(here, kind, name) == files_of(there, kind, name)
        assert talks_of(here, kind, name) == talks_of(there, kind, name)
    assert files_of(here, Kind.MODEL, "acme/weights")["model.bin"] == WEIGHTS
    assert "refs/pr/2" in refs_of(here, Kind.MODEL, "acme/weights")[0]
    with here.db.read() as tx:
        members = {
            one.user.name: one.role for one in accounts.members_of(tx, accounts.owner_named(tx, "acme").id)
        }
        assert members == {"ada": Role.ADMIN, "bob": Role.WRITE}
        info = repos.info(
            tx, accounts.COMMAND_LINE, here, Kind.MODEL, "acme/weights", None, siblings=False, blobs=False
        )
    assert "license:mit" in info.metadata.tags
    assert list(repos.fsck(here, Counter())) == []


def test_nobody_can_sign_in_as_somebody_who_was_carried_in(here, bundle):
    import_bundle(here, bundle)
    with pytest.raises(accounts.WrongPassword):
        accounts.sign_in(here.db, "ada", "x")
    text = (bundle / "manifest.json").read_text()
    assert "example.org" not in text
    assert "password" not in text


def test_a_second_import_leaves_alone_what_is_here(here, bundle):
    import_bundle(here, bundle)
    with here.db.write() as tx:
        before = accounts.count_people(tx, accounts.COMMAND_LINE)
    again = import_bundle(here, bundle)
    assert (again.made, len(again.known)) == ([], 5)
    with here.db.read() as tx:
        assert accounts.count_people(tx, accounts.COMMAND_LINE) == before


def test_an_import_that_broke_off_goes_on(here, bundle):
    path = bundle.joinpath(*blob_parts(hashlib.sha256(WEIGHTS).hexdigest()))
    aside = path.with_name("aside")
    path.rename(aside)
    first = import_bundle(here, bundle)
    assert list(first.refused) == ["acme/weights"]
    aside.rename(path)
    second = import_bundle(here, bundle)
    assert (second.made, len(second.known)) == (["acme/weights"], 4)


def test_an_export_into_the_same_folder_copies_only_news(there, bundle):
    path = bundle.joinpath(*blob_parts(hashlib.sha256(WEIGHTS).hexdigest()))
    before = path.stat()
    made = make_bundle(there, ["acme/weights"], bundle, link=False)
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert [entry.name for entry in made.repos] == ["weights"]


def test_words_can_be_left_without_their_authors(here, bundle):
    only(bundle, "weights")
    assert import_bundle(here, bundle, authors=Authors.NONE).refused == {}
    assert {talk[0][3] for talk in talks_of(here, Kind.MODEL, "acme/weights")} == {None}


def test_members_of_an_organization_that_is_here_already_are_not_changed(here, bundle):
    with here.db.write() as tx:
        accounts.add_user(tx, "eve", "")
        accounts.add_org(tx, "acme", {"eve": Role.ADMIN})
    assert import_bundle(here, bundle).refused == {}
    with here.db.read() as tx:
        members = accounts.members_of(tx, accounts.owner_named(tx, "acme").id)
    assert [one.user.name for one in members] == ["eve"]


def test_a_history_of_an_import_is_a_clone_that_git_finds_sound(here, bundle, tmp_path):
    import_bundle(here, bundle)
    lent = repos.open_for_fetch(here, accounts.COMMAND_LINE, Kind.MODEL, "acme/weights")
    try:
        write_bundle(lent.directory, tmp_path / "again.bundle")
    finally:
        lent.close()
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "clone"], check=True)
    fetch = [
        "git",
        f"--git-dir={tmp_path / 'clone'}",
        "fetch",
        "-q",
        str(tmp_path / "again.bundle"),
        "+refs/*:refs/*",
    ]
    subprocess.run(fetch, check=True)
    subprocess.run(["git", f"--git-dir={tmp_path / 'clone'}", "fsck", "--full", "--strict"], check=True)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda facts: facts.update(name="../../etc"), "is not about"),
        (lambda facts: facts.update(gated="maybe"), "gated"),
        (lambda facts: facts.update(extra=1), "extra"),
        (lambda facts: facts.update(created_at="2020-01-01T00:00:00"), "created_at"),
        (lambda facts: facts.update(large={"../../../etc/passwd": 5}), "large"),
        (lambda facts: facts.update(large={"a" * 64: -1}), "large"),
        (lambda facts: facts.update(large={"a" * 64: 1 << 49}), "is over"),
        (lambda facts: facts.update(large={"a" * 64: 5}), "cannot be read"),
        (lambda facts: facts.update(default_branch=""), "default_branch"),
    ],
)
def test_lying_facts_are_refused_by_their_name_and_nothing_is_made(here, bundle, change, field):
    only(bundle, "weights")
    rewrite(bundle, folder_of(bundle, "weights"), "repo.json", change)
    done = import_bundle(here, bundle)
    assert field in done.refused["acme/weights"]
    with here.db.read() as tx:
        assert repos.by_name(tx, Kind.MODEL, "acme/weights") is None
    assert [path for path in here.scratch.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["repo.json", "history.bundle", "discussions.ndjson"])
def test_a_file_with_other_bytes_than_the_manifest_says_is_refused(here, bundle, name):
    only(bundle, "weights")
    path = bundle / "repos" / folder_of(bundle, "weights") / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert "sha256" in import_bundle(here, bundle).refused["acme/weights"]
    path.write_bytes(bytes(data) + b"x")
    assert "bytes, not" in import_bundle(here, bundle).refused["acme/weights"]


def test_a_history_that_git_finds_broken_is_refused(here, bundle):
    only(bundle, "weights")
    folder = folder_of(bundle, "weights")
    path = bundle / "repos" / folder / "history.bundle"
    whole = path.read_bytes()
    head, _, pack = whole.partition(b"\n\n")
    for broken in (
        b"not a bundle",
        whole[:-30],
        whole.replace(b"# v2", b"# v3", 1),
        head + b"\n-" + b"a" * 40 + b" before\n\n" + pack,
        head + b"\n" + b"b" * 40 + b" refs/heads/gone\n\n" + pack,
        head + b"\n" + b"b" * 40 + b" refs/heads/../evil\n\n" + pack,
        head + b"\n" + head.split(b"\n")[1] + b"\n\n" + pack,
        head,
    ):
        path.write_bytes(broken)
        reseal(bundle, folder, "history.bundle")
        done = import_bundle(here, bundle)
        assert list(done.refused) == ["acme/weights"], broken[:200]
    path.write_bytes(whole)
    reseal(bundle, folder, "history.bundle")
    assert import_bundle(here, bundle).made == ["acme/weights"]


def test_a_large_file_with_other_bytes_or_of_another_kind_is_refused(here, bundle, tmp_path):
    only(bundle, "weights")
    path = bundle.joinpath(*blob_parts(hashlib.sha256(WEIGHTS).hexdigest()))
    whole = path.read_bytes()
    path.unlink()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert "sha256" in import_bundle(here, bundle).refused["acme/weights"]
    path.write_bytes(whole + b"x")
    assert "its repository says" in import_bundle(here, bundle).refused["acme/weights"]
    path.unlink()
    (tmp_path / "secret").write_bytes(whole)
    path.symlink_to(tmp_path / "secret")
    assert "cannot be read" in import_bundle(here, bundle).refused["acme/weights"]
    path.unlink()
    os.mkfifo(path)
    assert "no ordinary file" in import_bundle(here, bundle).refused["acme/weights"]
    assert [one for one in here.scratch.rglob("*") if one.is_file()] == []


def test_a_discussion_that_breaks_a_rule_is_refused(here, bundle):
    only(bundle, "weights")
    folder = folder_of(bundle, "weights")
    path = bundle / "repos" / folder / "discussions.ndjson"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for change, said in (
        ({"status": "deleted"}, "status"),
        ({"title": ""}, "title"),
        ({"num": 0}, "num"),
        ({"deeds": []}, "deeds"),
        ({"head_oid": "x"}, "head_oid"),
        ({"num": lines[1]["num"]}, "has one number twice"),
    ):
        path.write_text("".join(json.dumps(line) + "\n" for line in [lines[0] | change, *lines[1:]]))
        reseal(bundle, folder, "discussions.ndjson")
        assert said in import_bundle(here, bundle).refused["acme/weights"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m.update(format=1), "format 1, .*export it again"),
        (lambda m: m.update(kind="other"), "kind"),
        (lambda m: m["repos"][0].update(folder="../.."), "folder"),
        (lambda m: m["repos"][0]["files"].update({"../x": {"bytes": 1, "sha256": "a" * 64}}), "files"),
        (lambda m: m["repos"][0].update(kind="virus"), "kind"),
        (lambda m: m.update(format=3, more={}), "format 3, .*install a newer one"),
        (lambda m: m["repos"].append(m["repos"][0]), "has one repository twice"),
        (lambda m: m["repos"].append(m["repos"][0] | {"name": "other"}), "has one folder twice"),
        (
            lambda m: m["owners"].append(m["owners"][0] | {"name": m["owners"][0]["name"].upper()}),
            "has one owner twice",
        ),
        (lambda m: m.update(source="a\0b"), "NUL"),
    ],
)
def test_a_manifest_that_breaks_a_rule_is_no_bundle(here, bundle, change, said):
    manifest = json.loads((bundle / "manifest.json").read_text())
    change(manifest)
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(NotABundle, match=said):
        import_bundle(here, bundle)


def test_a_folder_without_a_manifest_is_no_bundle(here, bundle, tmp_path):
    (bundle / "manifest.json").unlink()
    with pytest.raises(NotABundle, match=r"manifest\.json"):
        import_bundle(here, bundle)
    with pytest.raises(NotABundle):
        import_bundle(here, tmp_path / "nothing")


def test_names_that_no_owner_may_have_are_refused(here, bundle):
    manifest = json.loads((bundle / "manifest.json").read_text())
    for owner in ("settings", "-", "a/b"):
        entry = manifest["repos"][0] | {"owner": owner}
        folder = bundle / "repos" / entry["folder"] / "repo.json"
        facts = json.loads(folder.read_text()) | {"owner": owner}
        folder.write_text(json.dumps(facts))
        (bundle / "manifest.json").write_text(json.dumps(manifest | {"repos": [entry]}))
        reseal(bundle, entry["folder"], "repo.json")
        assert len(import_bundle(here, bundle).refused) == 1


def test_quotas_hold_for_what_is_imported(here, bundle):
    with here.db.write() as tx:
        accounts.add_org(tx, "acme", {})
        accounts.set_quota(tx, accounts.COMMAND_LINE, "acme", accounts.OwnQuota(max_bytes=1000))
    only(bundle, "weights")
    assert "Storage limit" in import_bundle(here, bundle).refused["acme/weights"]


def test_commands_say_what_was_done_and_end_with_1_when_something_was_refused(tmp_path, there, bundle):

    out = tmp_path / "out"
    got = Commands(tmp_path / "there")("export", "ada/plain", "datasets/ada/private-rows", "--to", str(out))
    assert "2 repositories" in got.output
    other = Commands(tmp_path / "other")
    assert "imported 2 repositories" in other("import", str(out)).output
    assert "2 were here already" in other("import", str(out)).output
    shutil.rmtree(out / "repos")
    fresh = Commands(tmp_path / "fresh")
    assert "refused ada/plain" in fresh("import", str(out), code=1).output
    with existing(tmp_path / "other") as stores:
        assert files_of(stores, Kind.DATASET, "ada/private-rows")["data.csv"] == b"a,b\n1,2\n"


def test_who_was_let_in_at_a_gate_is_let_in_on_the_other_side(here, bundle):
    assert import_bundle(here, bundle).refused == {}
    with here.db.read() as tx:
        repo = repos.by_name(tx, Kind.MODEL, "acme/sealed")
        assert repo is not None
        assert (repo.gated, repos.gate_of(tx, repo).members_gated) == ("manual", True)

        def opens(name):
            actor = accounts.actor_of(tx, accounts.user_named(tx, name).id, can_write=False)
            return repos.may_read_content(tx, actor, repo)

        assert [opens(name) for name in ("ada", "bob", "carol")] == [True, False, True]
        bob = next(one for one in repos.access_out(tx, repo) if one.status is repos.AccessStatus.REJECTED)
        assert bob.reason == "Not yet."
