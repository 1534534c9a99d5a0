"""The newest client: HfFileSystem, a repository as a file system."""

import random

import pytest
from tests.clients.harness.content import noise

LARGE = noise(9_000_000, 31)  # more than one block of the file system's reads


@pytest.fixture
def filled(ada, repo):
    def story(hf, api):
        api.create_repo(repo, repo_type="dataset")
        files = {
            "data/a.csv": b"x,y\n1,2\n",
            "data/deep/b.csv": b"3,4\n",
            "ü b.txt": b"odd name",
            "large.bin": LARGE,
        }
        api.create_commit(
            repo,
            [hf.CommitOperationAdd(name, data) for name, data in files.items()],
            commit_message="files",
            repo_type="dataset",
        )

    ada.run(story)
    return f"datasets/{repo}"


@pytest.mark.parametrize("xet", ["", "1"], ids=["with xet", "without xet"])
def test_files_are_listed_found_and_read_in_any_piece(filled, fresh, xet):
    pieces = [
        (0, 10),
        (0, len(LARGE)),
        (len(LARGE) - 7, len(LARGE)),
        (5_242_870, 5_242_900),
        (8_999_999, 9_000_000),
    ]
    chance = random.Random(4)
    for _ in range(12):
        start, end = sorted(chance.sample(range(len(LARGE)), 2))
        pieces.append((start, end))

    def story(hf):
        fs = hf.HfFileSystem()
        assert {entry["name"] for entry in fs.ls(filled)} == {
            f"{filled}/{name}" for name in (".gitattributes", "data", "ü b.txt", "large.bin")
        }
        info = fs.info(f"{filled}/large.bin")
        assert (info["type"], info["size"]) == ("file", len(LARGE))
        assert fs.info(f"{filled}/data")["type"] == "directory"
        assert fs.exists(f"{filled}/data/a.csv")
        assert not fs.exists(f"{filled}/data/z.csv")
        assert sorted(fs.glob(f"{filled}/**/*.csv")) == [f"{filled}/data/a.csv", f"{filled}/data/deep/b.csv"]
        assert sorted(fs.find(f"{filled}/data")) == [f"{filled}/data/a.csv", f"{filled}/data/deep/b.csv"]
        assert fs.cat(f"{filled}/ü b.txt") == b"odd name"
        assert fs.read_text(f"{filled}/data/a.csv") == "x,y\n1,2\n"
        assert fs.modified(f"{filled}/data/a.csv").year >= 2024
        for start, end in pieces:
            assert fs.cat_file(f"{filled}/large.bin", start, end) == LARGE[start:end]
        with fs.open(f"{filled}/large.bin", "rb") as opened:
            opened.seek(6_000_000)
            assert opened.read(100) == LARGE[6_000_000:6_000_100]
            opened.seek(0)
            assert opened.read() == LARGE
        with fs.open(f"{filled}/large.bin", "rb", block_size=0) as stream:
            assert stream.read(1000) + stream.read() == LARGE
        with pytest.raises(FileNotFoundError):
            fs.info(f"{filled}/missing")
        with pytest.raises(FileNotFoundError):
            fs.ls(f"{filled}-missing")

    fresh(None, HF_HUB_DISABLE_XET=xet).run(story)


def test_files_are_written_copied_moved_and_removed(filled, ada, fresh):
    def story(hf, api, tmp):
        fs = hf.HfFileSystem()
        with fs.open(f"{filled}/new/text.txt", "w") as opened:
            opened.write("written")
        assert fs.read_text(f"{filled}/new/text.txt") == "written"
        with fs.open(f"{filled}/new/big.bin", "wb") as opened:
            opened.write(LARGE)
        assert fs.cat(f"{filled}/new/big.bin") == LARGE
        fs.cp_file(f"{filled}/new/big.bin", f"{filled}/copy/big.bin")
        assert fs.cat(f"{filled}/copy/big.bin") == LARGE
        fs.cp_file(f"{filled}/data/a.csv", f"{filled}/copy/a.csv")
        assert fs.cat(f"{filled}/copy/a.csv") == b"x,y\n1,2\n"
        fs.mv(f"{filled}/data/a.csv", f"{filled}/data/renamed.csv")
        assert [fs.exists(f"{filled}/data/{name}") for name in ("a.csv", "renamed.csv")] == [False, True]
        fs.rm(f"{filled}/copy", recursive=True)
        assert not fs.exists(f"{filled}/copy/big.bin")
        fs.rm(f"{filled}/new/text.txt")
        (tmp / "local").mkdir()
        (tmp / "local/p.txt").write_bytes(b"put")
        fs.put(str(tmp / "local/p.txt"), f"{filled}/put/p.txt")
        fs.get(f"{filled}/put/p.txt", str(tmp / "back.txt"))
        assert (tmp / "back.txt").read_bytes() == b"put"
        fs.invalidate_cache()
        return sorted(path.removeprefix(f"{filled}/") for path in fs.find(filled))

    assert ada.run(story) == [
        ".gitattributes",
        "data/deep/b.csv",
        "data/renamed.csv",
        "large.bin",
        "new/big.bin",
        "put/p.txt",
        "ü b.txt",
    ]


def test_revisions_are_part_of_the_path(filled, ada, repo):
    def story(hf, api):
        api.create_branch(repo, branch="dev/x", repo_type="dataset")
        fs = hf.HfFileSystem()
        with fs.open(f"{filled}@dev%2Fx/only-here.txt", "w") as opened:
            opened.write("dev")
        fs.invalidate_cache()
        return (
            fs.exists(f"{filled}/only-here.txt"),
            fs.read_text(f"{filled}@dev%2Fx/only-here.txt"),
            fs.read_text(f"{filled}/only-here.txt", revision="dev/x"),
        )

    assert ada.run(story) == (False, "dev", "dev")


def test_a_stranger_finds_no_private_files(ada, eve, repo):
    def create(api):
        api.create_repo(repo, private=True)

    def look(hf):
        fs = hf.HfFileSystem()
        with pytest.raises(FileNotFoundError):
            fs.ls(repo)
        return fs.exists(f"{repo}/.gitattributes")

    ada.run(create)
    assert eve.run(look) is False
