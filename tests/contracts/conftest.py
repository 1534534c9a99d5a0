"""Every implementation of a promise, side by side: folder, memory and bucket; SQLite and PostgreSQL."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.tools import postgres, swift_s3

from hubkeep.kit import Database
from hubkeep.storage import Blobs, LocalBlobs, MemoryBlobs, bucket_of

_numbers = itertools.count()


@pytest.fixture(scope="session")
def s3_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with swift_s3.serving(tmp_path_factory.mktemp("swift")) as endpoint:
        yield endpoint


@pytest.fixture
def bucket(s3_endpoint: str):
    return swift_s3.make_bucket(s3_endpoint, f"bucket{next(_numbers)}")


@pytest.fixture(params=["memory", "folder", "bucket"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param == "memory":
        return MemoryBlobs()
    if request.param == "folder":
        return LocalBlobs(tmp_path / "blobs")
    return bucket_of(request.getfixturevalue("bucket"))


@pytest.fixture(scope="session")
def postgres_socket() -> Iterator[Path]:
    with postgres.serving() as socket:
        yield socket


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/hub.sqlite3"
    return postgres.make_database(request.getfixturevalue("postgres_socket"))


@pytest.fixture
def open_db(url: str) -> Iterator[Callable[[], Database]]:
    """Open the database; every call opens it anew, as another node would."""
    opened: list[Database] = []

    def another() -> Database:
        opened.append(Database(url))
        return opened[-1]

    yield another
    for db in opened:
        db.close()
