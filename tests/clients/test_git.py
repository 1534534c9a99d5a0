"""git itself: clone, fetch, push, and what is refused."""

import subprocess
from pathlib import Path

import pytest
from tests.clients.harness.content import noise

FILES = {"config.json": b"{}\n", "dir/a b.txt": b"spaced\n", "dir/deep/ü.txt": "ü\n".encode()}


@pytest.fixture
def filled(ada, repo):
    def story(hf, api):
        api.create_repo(repo)
        api.create_commit(
            repo,
            [hf.CommitOperationAdd(name, data) for name, data in FILES.items()],
            commit_message="files",
            commit_description="A body.",
        )

    ada.run(story)
    return repo


def contents(clone: Path) -> dict[str, bytes]:
    """Return every file of a working tree but .gitattributes."""
    found = {
        str(path.relative_to(clone)): path.read_bytes()
        for path in clone.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(clone).parts
    }
    found.pop(".gitattributes", None)
    return found


@pytest.mark.parametrize("suffix", ["", ".git", "/"])
def test_a_public_repository_is_cloned_by_anybody(git, filled, suffix):
    mine = git(None)
    clone = mine.clone(filled + suffix)
    assert contents(clone) == FILES
    assert mine("fsck", "--strict", cwd=clone) is not None
    log = mine("log", "--format=%an|%s|%b", cwd=clone)
    assert log.splitlines()[0] == "ada|files|A body."
    assert mine("log", "--format=%s", cwd=clone).split("\n")[-2] == "initial commit"


@pytest.mark.parametrize("kind", ["dataset", "space", "kernel"])
def test_other_kinds_are_cloned_under_their_prefix(ada, git, repo, kind):
    def create(api):
        api.create_repo(repo, repo_type=kind, **({"space_sdk": "static"} if kind == "space" else {}))
        api.upload_file(path_or_fileobj=b"x", path_in_repo="x.txt", repo_id=repo, repo_type=kind)

    ada.run(create)
    mine = git("ada")
    clone = mine.clone(f"{kind}s/{repo}")
    assert contents(clone)["x.txt"] == b"x"
    (clone / "y.txt").write_bytes(b"y")
    mine.commit_all(clone)
    mine("push", cwd=clone)

    def files(api):
        return api.list_repo_files(repo, repo_type=kind)

    assert "y.txt" in ada.run(files)


def test_shallow_and_partial_clones_fetch_less(ada, git, filled):
    def more(api):
        for n in range(5):
            api.upload_file(path_or_fileobj=b"%d" % n, path_in_repo="n.txt", repo_id=filled)

    ada.run(more)
    mine = git(None)
    shallow = mine.clone(filled, "shallow", "--depth=1")
    assert mine("rev-list", "--count", "HEAD", cwd=shallow).strip() == "1"
    mine("fetch", "--unshallow", cwd=shallow)
    assert mine("rev-list", "--count", "HEAD", cwd=shallow).strip() == "7"
    partial = mine.clone(filled, "partial", "--filter=blob:none", "--no-checkout")
    missing = mine("rev-list", "--objects", "--all", "--missing=print", cwd=partial)
    assert any(line.startswith("?") for line in missing.splitlines())
    mine("checkout", "main", cwd=partial)
    assert contents(partial) == FILES | {"n.txt": b"4"}
    treeless = mine.clone(filled, "treeless", "--filter=tree:0")
    assert contents(treeless) == FILES | {"n.txt": b"4"}
    single = mine.clone(filled, "mirror", "--mirror")
    assert "refs/heads/main" in mine("for-each-ref", cwd=single)


def test_a_push_is_seen_by_the_api_and_a_commit_by_a_fetch_at_once(ada, git, filled):
    mine = git("ada")
    clone = mine.clone(filled)
    (clone / "pushed.txt").write_bytes(b"pushed\n")
    (clone / "config.json").unlink()
    oid = mine.commit_all(clone, "Pushed by git\n\nWith a body.")
    mine("push", "origin", "main", cwd=clone)

    def look(api, tmp):
        newest = api.list_repo_commits(filled)[0]
        path = Path(api.hf_hub_download(filled, "pushed.txt", cache_dir=tmp))
        sha = api.model_info(filled).sha
        done = api.upload_file(path_or_fileobj=b"by api\n", path_in_repo="api.txt", repo_id=filled)
        return (
            newest.title,
            newest.message,
            path.read_bytes(),
            api.file_exists(filled, "config.json"),
            sha,
            done.oid,
        )

    title, message, data, exists, sha, committed = ada.run(look)
    assert (title, message.strip(), data, exists, sha) == (
        "Pushed by git",
        "With a body.",
        b"pushed\n",
        False,
        oid,
    )
    mine("pull", "--quiet", cwd=clone)
    assert mine("rev-parse", "HEAD", cwd=clone).strip() == committed
    assert (clone / "api.txt").read_bytes() == b"by api\n"


def test_branches_and_tags_are_pushed_and_deleted(ada, git, filled):
    mine = git("ada")
    clone = mine.clone(filled)
    mine("checkout", "-q", "-b", "feat/ü", cwd=clone)
    (clone / "f.txt").write_bytes(b"f")
    oid = mine.commit_all(clone)
    mine("tag", "light", cwd=clone)
    mine("tag", "-a", "heavy", "-m", "An annotated tag", cwd=clone)
    mine("push", "origin", "feat/ü", "light", "heavy", cwd=clone)

    def refs(api):
        found = api.list_repo_refs(filled)
        return {b.name: b.target_commit for b in found.branches}, {
            t.name: t.target_commit for t in found.tags
        }

    branches, tags = ada.run(refs)
    assert branches["feat/ü"] == oid
    assert tags == {"light": oid, "heavy": oid}
    other = git(None).clone(filled, "other", "--branch", "heavy")
    assert (other / "f.txt").read_bytes() == b"f"
    mine("push", "origin", "--delete", "feat/ü", "light", cwd=clone)
    branches, tags = ada.run(refs)
    assert (set(branches), set(tags)) == ({"main"}, {"heavy"})


def test_a_push_that_is_late_is_told_to_fetch_first(ada, git, filled):
    mine = git("ada")
    clone = mine.clone(filled)

    def faster(api):
        api.upload_file(path_or_fileobj=b"1", path_in_repo="faster.txt", repo_id=filled)

    ada.run(faster)
    (clone / "slow.txt").write_bytes(b"2")
    mine.commit_all(clone)
    assert "fetch first" in mine("push", cwd=clone, ok=False)
    mine("pull", "--quiet", "--rebase", cwd=clone)
    mine("push", cwd=clone)
    (clone / "slow.txt").write_bytes(b"3")
    mine("commit", "--quiet", "--all", "--amend", "--message", "rewritten", cwd=clone)
    assert "rejected" in mine("push", cwd=clone, ok=False)
    mine("push", "--force", cwd=clone)

    def newest(api):
        return api.list_repo_commits(filled)[0].title

    assert ada.run(newest) == "rewritten"


@pytest.mark.parametrize("what", ["big", "pointer", "card", "special", "main"])
def test_what_a_push_may_not_do_is_told_in_its_output(ada, git, filled, what):
    mine = git("ada")
    clone = mine.clone(filled)
    push, reason = ["push", "origin", "main"], ""
    if what == "big":
        (clone / "big.data").write_bytes(noise(11 << 20, 1))
        reason = "big.data"
    elif what == "pointer":
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'ab' * 32}\nsize 12345\n"
        (clone / "missing.bin").write_text(pointer)
        reason = "missing.bin"
    elif what == "card":
        (clone / "README.md").write_text("---\nlicense: [mit\n---\n# x\n")
        reason = "YAML"
    else:
        (clone / "x.txt").write_bytes(b"x")
    if what == "pointer":  # git-lfs would notice by itself: the file is committed as it is
        mine(
            "-c",
            "filter.lfs.clean=cat",
            "-c",
            "filter.lfs.process=",
            "-c",
            "filter.lfs.required=false",
            "add",
            "--all",
            cwd=clone,
        )
        mine("commit", "--quiet", "-m", "pointer", cwd=clone)
        push = ["push", "--no-verify", "origin", "main"]
    else:
        mine.commit_all(clone)
    if what == "special":
        push, reason = ["push", "origin", "HEAD:refs/pr/7"], "refs/pr/7"
    if what == "main":
        push, reason = ["push", "origin", "--delete", "main"], "main"
    said = mine(*push, cwd=clone, ok=False)
    assert reason in said
    assert "remote rejected" in said or "remote:" in said

    def unchanged(api):
        return len(api.list_repo_commits(filled)), sorted(b.name for b in api.list_repo_refs(filled).branches)

    assert ada.run(unchanged) == (2, ["main"])


def test_a_private_repository_needs_a_token_that_may_read_it(ada, git, tokens, hub, repo):
    def create(api):
        api.create_repo(repo, private=True)
        api.upload_file(path_or_fileobj=b"x", path_in_repo="x.txt", repo_id=repo)

    ada.run(create)
    git(None).clone(repo, ok=False)
    said = git("eve")("clone", f"{hub.url}/{repo}", ok=False)
    assert "not found" in said.lower() or "404" in said or "Authentication failed" in said
    assert contents(git("ada").clone(repo)) == {"x.txt": b"x"}
    reader = git("ada-reads")
    clone = reader.clone(repo)
    (clone / "y.txt").write_bytes(b"y")
    reader.commit_all(clone)
    assert "403" in reader("push", cwd=clone, ok=False)
    # The token in the address, as people paste it.
    plain = git(None)
    address = hub.url.replace("http://", f"http://ada:{tokens['ada']}@")
    plain("clone", f"{address}/{repo}", "pasted")
    assert contents(plain.home / "pasted") == {"x.txt": b"x"}
    plain("clone", f"{hub.url.replace('http://', 'http://whoever:hf_wrong@')}/{repo}", "wrong", ok=False)


def test_nobody_pushes_to_somebody_elses_repository(git, filled):
    eve = git("eve")
    clone = eve.clone(filled)
    (clone / "x.txt").write_bytes(b"x")
    eve.commit_all(clone)
    assert "403" in eve("push", cwd=clone, ok=False)
    nobody = git(None)
    clone = nobody.clone(filled)
    (clone / "x.txt").write_bytes(b"x")
    nobody.commit_all(clone)
    nobody("push", cwd=clone, ok=False)


def test_a_renamed_repository_is_still_cloned_fetched_and_pushed_to(ada, git, filled):
    mine = git("ada")
    clone = mine.clone(filled)

    def rename(api):
        api.move_repo(filled, f"{filled}-new")

    ada.run(rename)
    assert contents(git(None).clone(filled)) == FILES
    (clone / "x.txt").write_bytes(b"x")
    oid = mine.commit_all(clone)
    mine("push", cwd=clone)

    def sha(api):
        return api.model_info(f"{filled}-new").sha

    assert ada.run(sha) == oid


def history(branch: str, start: str, count: int) -> bytes:
    """Return a stream for `git fast-import`: `count` commits on a new branch that starts at a commit."""
    commits = []
    for n in range(count):
        who = f"committer A <a@example.org> {1_700_000_000 + n} +0000"
        parent = f"from {start}\n" if n == 0 else ""
        commits.append(
            f"commit refs/heads/{branch}\n{who}\ndata 5\nc{n:04}\n{parent}M 100644 inline {branch}.txt\ndata 4\n{n:04}\n"
        )
    return "".join(commits).encode()


def test_a_long_history_is_pushed_and_fetched_in_pieces(ada, git, filled):
    """Long negotiations are sent gzipped: 1500 commits on both sides of a fork."""
    mine = git("ada")
    clone = mine.clone(filled)
    tip = mine("rev-parse", "HEAD", cwd=clone).strip()
    mine("fast-import", "--quiet", cwd=clone, stdin=history("long", tip, 1500))
    mine("push", "--quiet", "origin", "long", cwd=clone)
    behind = mine.clone(filled, "behind", "--single-branch", "--branch", "main")
    mine("fast-import", "--quiet", cwd=behind, stdin=history("mine", tip, 600))
    mine("fetch", "origin", "long", cwd=behind)
    assert mine("rev-list", "--count", "FETCH_HEAD", cwd=behind).strip() == "1502"

    def commits(api):
        return len(api.list_repo_commits(filled, revision="long"))

    assert ada.run(commits) == 1502


def test_a_push_of_thousands_of_files_keeps_every_byte(ada, git, filled, tmp_path):
    mine = git("ada")
    clone = mine.clone(filled)
    for n in range(3000):
        path = clone / f"many/{n % 50}/{n}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"%d\n" % n * (n % 40))
    (clone / "blob.dat").write_bytes(noise(9 << 20, 3))
    mine.commit_all(clone)
    mine("push", "--quiet", cwd=clone)
    again = git(None).clone(filled, "again")
    compared = subprocess.run(
        ["diff", "-r", "--exclude=.git", clone, again], capture_output=True, check=False
    )
    assert compared.stdout == b""

    def listed(api):
        return len([name for name in api.list_repo_files(filled) if name.startswith("many/")])

    assert ada.run(listed) == 3000


def test_git_protocol_versions_0_and_1_still_clone(git, filled):
    mine = git(None)
    for version in (0, 1, 2):
        mine("-c", f"protocol.version={version}", "clone", f"{mine.url}/{filled}", f"v{version}")
        assert contents(mine.home / f"v{version}") == FILES
    assert "refs/heads/main" in mine("ls-remote", f"{mine.url}/{filled}")
