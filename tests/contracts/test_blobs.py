"""What a blob store promises, asked of every blob store."""

import hashlib
import io
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import IO

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from hubkeep.kit import now
from hubkeep.kit.settings import StorageSettings
from hubkeep.storage import BlobNotFound, Blobs, DigestMismatch, LocalBlobs, MemoryBlobs, bucket_of

LARGE = bytes(range(256)) * (48 << 10)  # 12 MiB: more than one part
HOSTILE = [
    "",
    "/",
    "a/",
    "/a",
    "a//b",
    "..",
    "../x",
    "a/../b",
    "a/.hidden",
    ".aside/x",
    "a\\b",
    "a b",
    "a\n",
    "é",
]


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def keys(blobs: Blobs, prefix: str = "") -> list[str]:
    return [stat.key for stat in blobs.list(prefix)]


def read(blobs: Blobs, key: str, start: int = 0, length: int | None = None) -> bytes:
    with blobs.open(key, start, length) as body:
        return body.read()


@pytest.mark.parametrize("data", [b"", b"x", b"hello" * 1000, LARGE], ids=["empty", "byte", "small", "large"])
def test_what_was_put_is_read_back(blobs, data):
    stat = blobs.put("ab/cd", io.BytesIO(data), sha256=sha(data))
    assert (stat.key, stat.size) == ("ab/cd", len(data))
    assert blobs.stat("ab/cd").size == len(data)
    assert read(blobs, "ab/cd") == data


@pytest.mark.parametrize("size", [10, len(LARGE)])
def test_a_wrong_digest_leaves_no_trace(blobs, size):
    with pytest.raises(DigestMismatch):
        blobs.put("ab/cd", io.BytesIO(LARGE[:size]), sha256=sha(b"something else"))
    assert keys(blobs) == []
    with pytest.raises(BlobNotFound):
        blobs.stat("ab/cd")


@pytest.mark.parametrize("size", [10, len(LARGE)])
def test_lying_about_a_blob_that_exists_is_found_out(blobs, size):
    """Whoever names the digest of a stranger's file must send its bytes: possession is proven every time."""
    data = LARGE[:size]
    blobs.put("ab/cd", io.BytesIO(data), sha256=sha(data))
    with pytest.raises(DigestMismatch):
        blobs.put("ab/cd", io.BytesIO(b"guess"), sha256=sha(data))
    assert read(blobs, "ab/cd") == data


@pytest.mark.parametrize("size", [10, len(LARGE)])
def test_a_body_that_breaks_off_leaves_no_trace(blobs, size):
    class Broken(io.RawIOBase):
        def __init__(self) -> None:
            self.rest = io.BytesIO(LARGE[:size])

        def read(self, size=-1):
            if chunk := self.rest.read(size):
                return chunk
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        blobs.put("ab/cd", Broken())
    assert keys(blobs) == []


def test_a_key_keeps_its_first_bytes(blobs, tmp_path):
    blobs.put("k", io.BytesIO(b"first"))
    assert blobs.put("k", io.BytesIO(b"second!")).size == 5
    (tmp_path / "third").write_bytes(b"third!!")
    assert blobs.adopt("k", tmp_path / "third").size == 5
    assert read(blobs, "k") == b"first"


@pytest.mark.parametrize("data", [b"", b"small", LARGE], ids=["empty", "small", "large"])
def test_an_adopted_file_is_gone_and_its_bytes_are_there(blobs, tmp_path, data):
    path = tmp_path / "made"
    path.write_bytes(data)
    assert blobs.adopt("a/b/c", path).size == len(data)
    assert not path.exists()
    assert read(blobs, "a/b/c") == data


def test_adopting_a_file_that_is_not_there_changes_nothing(blobs, tmp_path):
    with pytest.raises(FileNotFoundError):
        blobs.adopt("a/b/c", tmp_path / "nothing")
    assert keys(blobs) == []


@pytest.mark.parametrize(
    ("start", "length"),
    [
        (0, 0),
        (0, 1),
        (0, None),
        (3, 4),
        (7, None),
        (8, 100),
        (9, 1),
        (10, 1),
        (10, None),
        (99, None),
        (99, 5),
        (4, 0),
    ],
)
def test_a_range_is_a_slice(blobs, start, length):
    blobs.put("k", io.BytesIO(b"0123456789"))
    end = None if length is None else start + length
    assert read(blobs, "k", start, length) == b"0123456789"[start:end]


def test_any_range_of_an_empty_blob_is_empty(blobs):
    blobs.put("k", io.BytesIO(b""))
    assert [read(blobs, "k", *at) for at in [(0, None), (0, 5), (3, None), (3, 5)]] == [b""] * 4


def test_a_large_blob_is_read_in_small_steps(blobs):
    blobs.put("k", io.BytesIO(LARGE))
    with blobs.open("k", 5, 9 << 20) as body:
        got = b"".join(iter(lambda: body.read(100_000), b""))
    assert got == LARGE[5 : 5 + (9 << 20)]


def test_a_reader_that_stops_in_the_middle_disturbs_nobody(blobs):
    blobs.put("k", io.BytesIO(LARGE))
    for _ in range(5):
        with blobs.open("k") as body:
            assert body.read(10) == LARGE[:10]
    assert read(blobs, "k", len(LARGE) - 3) == LARGE[-3:]


@pytest.mark.parametrize("length", [None, 0, 5])
def test_a_missing_key_is_a_404(blobs, length):
    for look in (
        lambda: blobs.stat("nope"),
        lambda: blobs.open("nope", 0, length),
        lambda: blobs.open("nope", 9),
    ):
        with pytest.raises(BlobNotFound):
            look()


@pytest.mark.parametrize("key", [*HOSTILE, "x" * 300, "/".join(["abcdefgh"] * 80)])
def test_a_key_that_could_name_no_blob_is_a_404_for_everything(blobs, tmp_path, key):
    made = tmp_path / "made"
    made.write_bytes(b"x")
    calls: list[Callable[[], object]] = [
        lambda: blobs.put(key, io.BytesIO(b"x")),
        lambda: blobs.adopt(key, made),
        lambda: blobs.stat(key),
        lambda: blobs.open(key),
        lambda: blobs.delete(key),
        lambda: blobs.collect(key, now()),
    ]
    for call in calls:
        with pytest.raises(BlobNotFound):
            call()
    assert made.exists()
    assert keys(blobs) == []


def test_a_folder_is_no_blob(blobs):
    blobs.put("a/b/c", io.BytesIO(b"x"))
    for look in (blobs.stat, blobs.open):
        with pytest.raises(BlobNotFound):
            look("a/b")


def test_the_list_is_in_key_order_and_keeps_to_its_prefix(blobs):
    made = [
        "a",
        "ab",
        "b/c",
        "b/c-d",
        "b/c-d/e",
        "b/c.d",
        "b/cc/d",
        "b/ca",
        "b0",
        "git/1/x",
        "git/10/x",
        "git/2/x",
    ]
    made = [key for key in made if f"{key}/" not in {other[: len(key) + 1] for other in made}]
    for key in reversed(made):
        blobs.put(key, io.BytesIO(key.encode()))
    for prefix in [
        "",
        "a",
        "ab",
        "abc",
        "b",
        "b/",
        "b/c",
        "b/c-",
        "b/cc/",
        "git/1",
        "git/1/",
        "git/1/x",
        "git/3",
        "zz",
    ]:
        assert keys(blobs, prefix) == sorted(key for key in made if key.startswith(prefix)), prefix
    assert [stat.size for stat in blobs.list("git/")] == [7, 8, 7]


@pytest.mark.parametrize("prefix", [prefix for prefix in HOSTILE if prefix not in ("", "a/")])
def test_nothing_is_listed_under_an_impossible_prefix(blobs, prefix):
    blobs.put("a/b", io.BytesIO(b"x"))
    assert keys(blobs, prefix) == []


def test_a_deleted_blob_is_gone_and_deleting_twice_is_no_error(blobs):
    blobs.put("a/b", io.BytesIO(b"x"))
    blobs.delete("a/b")
    blobs.delete("a/b")
    assert keys(blobs) == []
    blobs.put("a/b", io.BytesIO(b"again"))
    assert read(blobs, "a/b") == b"again"


def test_blobs_can_be_deleted_while_they_are_listed(blobs):
    for number in range(20):
        blobs.put(f"d/{number:02}", io.BytesIO(b"x"))
    for stat in blobs.list("d/"):
        blobs.delete(stat.key)
    assert keys(blobs) == []


def test_garbage_is_collected_only_when_it_is_old(blobs):
    blobs.put("g", io.BytesIO(b"x"))
    assert not blobs.collect("g", now() - timedelta(hours=1))
    assert blobs.stat("g").modified > now() - timedelta(minutes=1)
    assert blobs.collect("g", now() + timedelta(hours=1))
    assert blobs.collect("g", now())
    assert keys(blobs) == []


def test_many_writers_of_one_key_all_succeed(blobs):
    done = []

    def write() -> None:
        done.append(blobs.put("one/key", io.BytesIO(LARGE[:100_000]), sha256=sha(LARGE[:100_000])).size)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [100_000] * 8
    assert read(blobs, "one/key") == LARGE[:100_000]


def test_a_healthy_store_says_so(blobs):
    blobs.check()
    assert keys(blobs) == []


def test_sweeping_takes_no_blob(blobs):
    blobs.put("a/b", io.BytesIO(b"x"))
    blobs.sweep(now() + timedelta(days=1))
    assert keys(blobs) == ["a/b"]


class Life(RuleBasedStateMachine):
    """Any sequence of calls leaves every store like a dictionary that keeps what came first."""

    blobs: Blobs
    path: Path
    names = st.sampled_from(["a", "b/a", "b/b", "b/c/d", "c-d/e", "c/e"])
    contents = st.binary(max_size=40)

    def __init__(self) -> None:
        super().__init__()
        self.model: dict[str, bytes] = {}
        for stat in list(self.blobs.list()):
            self.blobs.delete(stat.key)

    @rule(key=names, data=contents)
    def put(self, key, data):
        self.blobs.put(key, io.BytesIO(data), sha256=sha(data))
        self.model.setdefault(key, data)

    @rule(key=names, data=contents)
    def lie(self, key, data):
        with pytest.raises(DigestMismatch):
            self.blobs.put(key, io.BytesIO(data), sha256=sha(data + b"!"))

    @rule(key=names, data=contents)
    def adopt(self, key, data):
        self.path.write_bytes(data)
        self.blobs.adopt(key, self.path)
        self.model.setdefault(key, data)

    @rule(key=names)
    def delete(self, key):
        self.blobs.delete(key)
        self.model.pop(key, None)

    @rule(key=names, start=st.integers(0, 50), length=st.none() | st.integers(0, 50))
    def look(self, key, start, length):
        if key in self.model:
            end = None if length is None else start + length
            assert read(self.blobs, key, start, length) == self.model[key][start:end]
        else:
            with pytest.raises(BlobNotFound):
                self.blobs.open(key, start, length)

    @rule(prefix=st.sampled_from(["", "b", "b/", "b/c", "c", "c/", "c-"]))
    def listing(self, prefix):
        assert keys(self.blobs, prefix) == sorted(key for key in self.model if key.startswith(prefix))

    @invariant()
    def sizes_agree(self):
        assert {stat.key: stat.size for stat in self.blobs.list()} == {
            k: len(v) for k, v in self.model.items()
        }


def test_any_sequence_of_calls_behaves_like_a_dictionary(blobs, tmp_path):
    machine = type("ALife", (Life,), {"blobs": blobs, "path": tmp_path / "adoptee"})
    local = isinstance(blobs, LocalBlobs | MemoryBlobs)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=30 if local else 5,
            stateful_step_count=30 if local else 15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )


def test_every_store_is_a_blob_store(tmp_path):
    """The protocol is checked by types, here once for all: a store that forgets a method fails in `make check`."""
    stores: list[Blobs] = [
        MemoryBlobs(),
        LocalBlobs(tmp_path),
        bucket_of(StorageSettings(bucket="b")),
    ]
    bodies: list[IO[bytes]] = [io.BytesIO()]
    assert len(stores) == 3
    assert bodies
