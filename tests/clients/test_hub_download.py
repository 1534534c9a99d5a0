"""The newest client: downloads, caches, ranges."""

import hashlib
from pathlib import Path

import pytest
from tests.clients.harness.content import noise
from tests.clients.harness.proxy import Wire

TEXT = b'{"a": 1}\n'
LARGE = noise(1_500_000, 11)
FILES = {"config.json": TEXT, "deep/er/a b.txt": b"spaced\n", "empty.txt": b"", "model.bin": LARGE}


@pytest.fixture
def filled(ada, repo):
    """A public model with FILES in it."""

    def story(hf, api):
        api.create_repo(repo)
        api.create_commit(
            repo, [hf.CommitOperationAdd(name, data) for name, data in FILES.items()], commit_message="files"
        )

    ada.run(story)
    return repo


def git_oid(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def test_files_come_back_bit_for_bit_to_somebody_else(filled, fresh):
    def story(api):
        return {name: Path(api.hf_hub_download(filled, name)).read_bytes() for name in FILES}

    assert fresh("eve").run(story) == FILES
    assert fresh(None).run(story) == FILES
    assert fresh(None, HF_HUB_DISABLE_XET="1").run(story) == FILES


@pytest.mark.parametrize("xet", ["with xet", "without xet"])
def test_a_file_has_one_name_in_the_cache_whatever_revision_is_asked_for(filled, fresh, ada, xet):
    def tag(api):
        api.create_tag(filled, tag="v1")
        return api.model_info(filled).sha

    sha = ada.run(tag)

    def story(hf, api, tmp):
        for name, data in FILES.items():
            etags = set()
            for revision in ("main", "v1", sha, sha[:8], "refs/heads/main"):
                found = hf.get_hf_file_metadata(hf.hf_hub_url(filled, name, revision=revision))
                assert found.commit_hash == sha
                assert found.size == len(data)
                etags.add(found.etag)
            expected = hashlib.sha256(data).hexdigest() if name == "model.bin" else git_oid(data)
            assert etags == {expected}
            path = Path(api.hf_hub_download(filled, name, cache_dir=tmp))
            assert path.readlink().name == expected
        # A commit's files never change: a second process does not even ask.
        return api.hf_hub_download(filled, "model.bin", revision=sha, cache_dir=tmp, local_files_only=True)

    assert fresh(None, **({} if xet == "with xet" else {"HF_HUB_DISABLE_XET": "1"})).run(story)


def test_a_snapshot_has_every_file_and_only_those(filled, fresh):
    def story(api):
        folder = Path(api.snapshot_download(filled))
        found = {
            str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }
        del found[".gitattributes"]
        return found

    assert fresh(None).run(story) == FILES
    assert fresh(None, HF_HUB_DISABLE_XET="1").run(story) == FILES


def test_a_snapshot_takes_what_patterns_allow_and_stays_readable_offline(filled, fresh):
    def story(api, tmp):
        folder = api.snapshot_download(filled, allow_patterns=["*.json", "deep/*"], ignore_patterns="*.bin")
        offline = api.snapshot_download(filled, allow_patterns=["*.json", "deep/*"], local_files_only=True)
        assert folder == offline
        local = Path(api.snapshot_download(filled, local_dir=tmp / "here"))
        return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file()), (
            local / "model.bin"
        ).read_bytes() == LARGE

    assert fresh(None).run(story) == (["config.json", "deep/er/a b.txt"], True)


def test_a_changed_file_is_fetched_again_and_an_unchanged_one_is_not(filled, ada, fresh, hub):
    reader = fresh("eve")

    def fetch(api):
        return {name: Path(api.hf_hub_download(filled, name)).read_bytes() for name in FILES}

    def change(api):
        api.upload_file(path_or_fileobj=b"changed", path_in_repo="config.json", repo_id=filled)

    assert reader.run(fetch) == FILES
    ada.run(change)
    assert reader.run(fetch) == FILES | {"config.json": b"changed"}


def test_what_is_missing_is_named_exactly(filled, ada, fresh):
    def story(hf, api):
        errors = hf.errors
        with pytest.raises(errors.RemoteEntryNotFoundError):
            api.hf_hub_download(filled, "missing.txt")
        with pytest.raises(errors.RevisionNotFoundError):
            api.hf_hub_download(filled, "config.json", revision="missing")
        with pytest.raises(errors.RepositoryNotFoundError):
            api.hf_hub_download(f"{filled}-missing", "config.json")
        with pytest.raises(errors.RepositoryNotFoundError):
            api.snapshot_download(f"{filled}-missing")
        with pytest.raises(errors.RevisionNotFoundError):
            api.snapshot_download(filled, revision="0" * 40)
        with pytest.raises(errors.RemoteEntryNotFoundError):
            api.hf_hub_download(filled, "deep")  # a folder is no file
        with pytest.raises(errors.RemoteEntryNotFoundError):
            api.hf_hub_download(filled, "config.json/x")

    fresh("eve").run(story)
    fresh(None).run(story)


def test_an_absent_file_is_remembered_as_absent(filled, fresh):
    """X-Repo-Commit on a 404 lets the client keep the absence: libraries ask for optional files at every start."""

    def story(hf, api):
        with pytest.raises(hf.errors.RemoteEntryNotFoundError):
            api.hf_hub_download(filled, "generation_config.json")
        return hf.try_to_load_from_cache(filled, "generation_config.json") is hf._CACHED_NO_EXIST

    assert fresh(None).run(story)


def test_a_download_that_is_cut_goes_on_where_it_stopped(ada, fresh, hub, repo):
    """The client keeps pieces of 10 MiB: after the cut it has two, and asks for the rest."""
    content = noise(24 << 20, 12)

    def up(api):
        api.create_repo(repo)
        api.upload_file(path_or_fileobj=content, path_in_repo="model.bin", repo_id=repo)

    def down(api):
        return Path(api.hf_hub_download(repo, "model.bin")).read_bytes() == content

    ada.run(up)
    with Wire(hub.port) as wire:
        wire.cut_once(after=22 << 20)
        assert fresh(None, endpoint=wire.url, HF_HUB_DISABLE_XET="1").run(down)
        assert wire.was_cut
        assert wire.down < 1.2 * len(content)


def test_dry_runs_tell_sizes_without_fetching(filled, fresh):
    def story(api):
        return {info.filename: info.file_size for info in api.snapshot_download(filled, dry_run=True)}

    sizes = fresh(None).run(story)
    assert {name: sizes[name] for name in FILES} == {name: len(data) for name, data in FILES.items()}


def test_a_whole_cache_is_verified_against_the_hub(filled, fresh):
    def story(api):
        folder = Path(api.snapshot_download(filled))
        good = api.verify_repo_checksums(filled)
        target = (folder / "config.json").resolve()
        target.write_bytes(b"tampered")
        bad = api.verify_repo_checksums(filled)
        return good.checked_count, len(good.mismatches), [mismatch["path"] for mismatch in bad.mismatches]

    assert fresh(None).run(story) == (len(FILES) + 1, 0, ["config.json"])


def test_a_private_file_needs_a_token_and_a_bad_token_is_told_so(ada, fresh, clients, hub, repo):
    def create(api):
        api.create_repo(repo, private=True)
        api.upload_file(path_or_fileobj=LARGE, path_in_repo="model.bin", repo_id=repo)

    def denied(hf, api):
        for call in (lambda: api.hf_hub_download(repo, "model.bin"), lambda: api.snapshot_download(repo)):
            with pytest.raises(hf.errors.RepositoryNotFoundError):
                call()

    def allowed(api):
        return Path(api.hf_hub_download(repo, "model.bin")).read_bytes() == LARGE

    def bad(hf, api):
        for call in (lambda: api.model_info(repo), api.whoami, lambda: api.list_repo_files(repo)):
            with pytest.raises(hf.errors.HfHubHTTPError) as refused:
                call()
            assert refused.value.response.status_code == 401
            assert not isinstance(refused.value, hf.errors.RepositoryNotFoundError)

    ada.run(create)
    fresh("eve").run(denied)
    fresh(None).run(denied)
    assert fresh("ada-reads").run(allowed)
    stranger = clients.fresh("hub-2.4.0", hub.url, "hf_" + "x" * 34)
    stranger.run(bad)
    stranger.close()


@pytest.mark.parametrize("kind", ["dataset", "space", "kernel"])
def test_other_kinds_are_downloaded_as_well(ada, fresh, repo, kind):
    def up(hf, api):
        api.create_repo(repo, repo_type=kind, **({"space_sdk": "docker"} if kind == "space" else {}))
        adds = [hf.CommitOperationAdd(name, data) for name, data in FILES.items()]
        api.create_commit(repo, adds, commit_message="files", repo_type=kind)

    def down(api):
        folder = Path(api.snapshot_download(repo, repo_type=kind))
        return {name: (folder / name).read_bytes() for name in FILES}

    ada.run(up)
    assert fresh(None).run(down) == FILES
    assert fresh(None, HF_HUB_DISABLE_XET="1").run(down) == FILES
