"""Every implementation of a promise, side by side: folder, memory and bucket; SQLite and PostgreSQL."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.tools import swift_s3

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
