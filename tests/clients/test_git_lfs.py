"""git-lfs: large files of a repository, through git."""

import hashlib
from pathlib import Path

import pytest
from tests.clients.harness.content import mixed, noise

LARGE = mixed(12_000_000, 71)


@pytest.fixture
def made(ada, repo):
    def create(api):
        api.create_repo(repo)

    ada.run(create)
    return repo


def test_a_large_file_is_pushed_and_pulled(ada, fresh, git, made):
    mine = git("ada")
    clone = mine.clone(made)
    (clone / "model.bin").write_bytes(LARGE)
    (clone / "sub").mkdir()
    (clone / "sub/other.safetensors").write_bytes(noise(300_000, 72))
    mine.commit_all(clone)
    mine("push", cwd=clone)
    assert mine("lfs", "ls-files", cwd=clone).count("*") == 2
    other = git("eve").clone(made, "other")
    assert (other / "model.bin").read_bytes() == LARGE
    assert (other / "sub/other.safetensors").read_bytes() == noise(300_000, 72)

    def look(api):
        [info] = api.get_paths_info(made, "model.bin")
        return info.size, info.lfs.sha256, Path(api.hf_hub_download(made, "model.bin")).read_bytes() == LARGE

    expected = (len(LARGE), hashlib.sha256(LARGE).hexdigest(), True)
    assert fresh(None).run(look) == expected
    assert fresh(None, HF_HUB_DISABLE_XET="1").run(look) == expected


def test_what_came_by_the_api_is_pulled_by_git_lfs(ada, git, made):
    contents = {
        "x.bin": LARGE,
        "y.npy": noise(100_000, 73),
        "empty.bin": b"",
        "long text.csv": b"1,2,3\n" * 2_000_000,
    }

    def upload(hf, api):
        api.create_commit(
            made,
            [hf.CommitOperationAdd(name, data) for name, data in contents.items()],
            commit_message="by api",
        )

    ada.run(upload)
    mine = git(None)
    clone = mine.clone(made)
    for name, data in contents.items():
        assert (clone / name).read_bytes() == data
    assert mine("status", "--porcelain", cwd=clone) == ""
    assert mine("lfs", "fsck", cwd=clone)
    bare = mine.clone(made, "pointers", GIT_LFS_SKIP_SMUDGE="1")
    pointer = (bare / "x.bin").read_text()
    assert (
        pointer
        == f"version https://git-lfs.github.com/spec/v1\noid sha256:{hashlib.sha256(LARGE).hexdigest()}\nsize {len(LARGE)}\n"
    )
    mine("lfs", "pull", "--include", "x.bin", cwd=bare)
    assert (bare / "x.bin").read_bytes() == LARGE


def test_a_change_of_a_large_file_keeps_both_versions(git, made, ada, fresh):
    mine = git("ada")
    clone = mine.clone(made)
    versions = [noise(200_000, seed) for seed in (74, 75)]
    oids = []
    for version in versions:
        (clone / "w.bin").write_bytes(version)
        oids.append(mine.commit_all(clone))
        mine("push", cwd=clone)

    def look(api):
        return [Path(api.hf_hub_download(made, "w.bin", revision=oid)).read_bytes() for oid in oids]

    assert fresh(None).run(look) == versions


def test_a_new_pattern_is_tracked_and_honoured_by_the_api(git, made, ada):
    mine = git("ada")
    clone = mine.clone(made)
    mine("lfs", "track", "*.weird", cwd=clone)
    (clone / "a.weird").write_bytes(b"ten bytes!")
    mine.commit_all(clone)
    mine("push", cwd=clone)

    def story(api):
        api.upload_file(path_or_fileobj=b"tiny", path_in_repo="b.weird", repo_id=made)
        return [info.lfs.size for info in api.get_paths_info(made, ["a.weird", "b.weird"])]

    assert ada.run(story) == [10, 4]


def test_large_files_of_a_private_repository_need_the_right(ada, git, repo, hub):
    def create(api):
        api.create_repo(repo, private=True)
        api.upload_file(path_or_fileobj=LARGE, path_in_repo="x.bin", repo_id=repo)

    ada.run(create)
    assert (git("ada-reads").clone(repo) / "x.bin").read_bytes() == LARGE
    # eve knows the pointer, and asks in a repository of her own.
    eve = git("eve")
    name = f"eve/{repo.partition('/')[2]}"

    eve("init", "--quiet", "own")
    own = eve.home / "own"
    (own / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{hashlib.sha256(LARGE).hexdigest()}\nsize {len(LARGE)}\n"
    (own / "x.bin").write_text(pointer)
    eve("add", "--all", cwd=own)
    eve("commit", "--quiet", "-m", "claim", cwd=own)
    eve("remote", "add", "origin", f"{hub.url}/{name}", cwd=own)
    said = eve("lfs", "fetch", "origin", "main", cwd=own, ok=False)
    assert LARGE[:50] not in said.encode(errors="replace")


def test_a_large_push_to_somebody_elses_repository_uploads_nothing(git, made, ada):
    eve = git("eve")
    clone = eve.clone(made)
    (clone / "x.bin").write_bytes(noise(100_000, 76))
    eve.commit_all(clone)
    assert (
        "403" in (said := eve("push", cwd=clone, ok=False))
        or "not allowed" in said
        or "Authorization error" in said
    )

    def files(api):
        return api.list_repo_files(made), [file.filename for file in api.list_lfs_files(made)]

    assert ada.run(files) == ([".gitattributes"], [])


def test_locks_are_not_offered_and_do_not_stop_a_push(git, made):
    mine = git("ada")
    clone = mine.clone(made)
    (clone / "x.bin").write_bytes(noise(50_000, 77))
    mine.commit_all(clone)
    said = mine("push", cwd=clone)
    assert "error" not in said.lower()
    mine("lfs", "lock", "x.bin", cwd=clone, ok=False)


def test_a_push_of_many_large_files_sends_them_in_batches(git, made, ada):
    mine = git("ada")
    clone = mine.clone(made)
    for n in range(120):
        (clone / f"{n:03}.bin").write_bytes(noise(2_000 + n, 1000 + n))
    mine.commit_all(clone)
    mine("push", cwd=clone)
    again = git(None).clone(made, "again")
    assert all((again / f"{n:03}.bin").read_bytes() == noise(2_000 + n, 1000 + n) for n in range(120))


def test_an_interrupted_upload_is_simply_pushed_again(git, made, ada):
    """`git lfs push` first, the commit later: objects may come before anything names them."""
    mine = git("ada")
    clone = mine.clone(made)
    (clone / "x.bin").write_bytes(LARGE)
    mine.commit_all(clone)
    mine("lfs", "push", "origin", "main", cwd=clone)

    def files(api):
        return api.list_repo_files(made)

    assert ada.run(files) == [".gitattributes"]
    mine("push", cwd=clone)
    assert "x.bin" in ada.run(files)
