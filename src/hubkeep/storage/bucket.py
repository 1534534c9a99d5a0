"""Blobs in a bucket of S3, or of a store that speaks its protocol."""

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any, cast

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from hubkeep.kit import HubError, now
from hubkeep.kit.settings import MIB, StorageSettings
from hubkeep.storage.bucket_parts import INCOMING, Bucket, BucketParts
from hubkeep.storage.keys import checked, could_start_a_key
from hubkeep.storage.presign import Keys, presigned_get
from hubkeep.storage.types import BlobNotFound, Blobs, DigestMismatch, Parts, Stat, StorageDown

SMALL_BYTES = 8 * MIB  # sent by one request; larger bodies go in parts
READ_BYTES = MIB
PARTS_AT_ONCE = 2
MAX_PARTS = 9_000  # S3 allows 10,000
FRESH = timedelta(hours=1)


def bucket_of(settings: StorageSettings) -> Blobs:
    """Open the bucket that the settings name. Nothing is asked of the store yet."""
    given = {"access_key_id": settings.access_key, "secret_access_key": settings.secret_key}
    config = {name: value for name, value in given.items() if value}
    if settings.endpoint:
        config["endpoint"] = settings.endpoint.rstrip("/")
    store = S3Store(
        settings.bucket,
        region=settings.region,
        virtual_hosted_style_request=not settings.endpoint,
        client_options={
            "allow_http": settings.endpoint.startswith("http://"),
            "connect_timeout": "5s",
            "read_timeout": "60s",  # of silence; a large transfer may take as long as it takes
            "timeout": "7days",
        },
        retry_config={"max_retries": 4, "retry_timeout": timedelta(seconds=60)},
        **cast("Any", config),
    )
    return BucketBlobs(store, settings)


class BucketBlobs:
    """A bucket as a blob store. Nobody sees a key before its last byte was accepted and its digest compared.

    A key that was written within the last hour is left alone by a second writer; an older one is written again, which
    is how it gets young for `collect` (S3 cannot touch).
    """

    def __init__(self, store: S3Store, settings: StorageSettings) -> None:
        self._store, self._settings = store, settings

    def put(self, key: str, body: IO[bytes], *, sha256: str | None = None) -> Stat:
        """Send small bodies by one request, others in parts that become a blob only if the digest is right."""
        fresh = self._fresh(checked(key))
        if fresh is not None and sha256 is None:
            return fresh
        checking = _Checking(body, sha256)
        first = checking.read(SMALL_BYTES)
        if fresh is not None:
            checking.drain()
            return fresh
        with _answers(key, StorageDown):
            if len(first) < SMALL_BYTES:
                checking.drain()
                obstore.put(self._store, key, first, use_multipart=False)
            else:
                parts = checking.parts(first, READ_BYTES)
                obstore.put(
                    self._store,
                    key,
                    parts,
                    chunk_size=self._settings.part_bytes,
                    max_concurrency=PARTS_AT_ONCE,
                )
        return Stat(key, checking.size, now())

    def adopt(self, key: str, path: Path) -> Stat:
        """Upload the file, in parts when it is large, and remove it."""
        stat = self._fresh(checked(key))
        if stat is None:
            size = path.stat().st_size
            chunk = max(SMALL_BYTES, -(-size // MAX_PARTS))
            with _answers(key, StorageDown):
                obstore.put(self._store, key, path, chunk_size=chunk, max_concurrency=2 * PARTS_AT_ONCE)
            stat = Stat(key, size, now())
        path.unlink()
        return stat

    def stat(self, key: str) -> Stat:
        """Ask for its size and age."""
        with _answers(checked(key)):
            return _stat(obstore.head(self._store, key))

    def open(self, key: str, start: int = 0, length: int | None = None) -> IO[bytes]:
        """Start one ranged download; the bytes come as they are read."""
        if length == 0:
            self.stat(key)
            return io.BytesIO()
        try:
            return self._open(checked(key), start, length)
        except StorageDown:
            if start >= self.stat(key).size:  # S3 answers 416 to a range past the end
                return io.BytesIO()
            raise

    def local_path(self, key: str) -> Path | None:
        """Return nothing: the bytes are elsewhere."""
        del key
        return None

    def link(self, key: str, seconds: int, filename: str | None = None) -> str | None:
        """Sign a download link. The keys of a machine's role cannot be read here: then the link names no file."""
        if not self._settings.direct_links:
            return None
        keys = self._keys()
        if keys is not None:
            return presigned_get(
                self._public(), checked(key), keys, self._settings.region, now(), seconds, filename
            )
        with _answers(key):
            return obstore.sign(self._store, "GET", checked(key), timedelta(seconds=seconds))

    def parts(self) -> Parts | None:
        """Return the bucket's own way. The keys of a machine's role cannot be read here, and nothing is signed without keys."""
        keys = self._keys()
        if keys is None:
            return None
        settings = self._settings
        public = self._public() if settings.direct_links and settings.direct_uploads else ""
        return BucketParts(Bucket(self._base(), settings.bucket, keys, settings.region), self, public)

    def delete(self, key: str) -> None:
        """Ask for its removal."""
        with _answers(key):
            try:
                obstore.delete(self._store, checked(key))
            except FileNotFoundError:
                return

    def collect(self, key: str, before: datetime) -> bool:
        """Look, then remove.

        S3 cannot do both at once: a writer who finishes writing this old, unnamed key again between the two
        requests, milliseconds apart, would lose. Keep the grace period long.
        """
        checked(key)
        try:
            if self.stat(key).modified >= before:
                return False
        except BlobNotFound:
            return True
        self.delete(key)
        return True

    def list(self, prefix: str = "") -> Iterator[Stat]:
        """Page through the bucket from the prefix on; stop behind it.

        The client library lists folders, not prefixes: so the folder is listed, from just before the first match.
        """
        if not could_start_a_key(prefix):
            return
        folder, _, start = prefix.rpartition("/")
        offset = (
            f"{prefix[:-1]}{chr(ord(prefix[-1]) - 1)}~" if start else None
        )  # `~` sorts behind all of a key
        with _answers(prefix, StorageDown):
            for page in obstore.list(self._store, folder or None, offset=offset):
                for meta in page:
                    if meta["path"].startswith(prefix):
                        yield _stat(meta)
                    elif meta["path"] > prefix:
                        return

    def sweep(self, before: datetime) -> int:
        """Remove files that were put together and never became blobs.

        Unfinished uploads go by the bucket's life-cycle rule (docs/operating.md).
        """
        old = [stat for stat in self.list(f"{INCOMING}/") if stat.modified < before]
        for stat in old:
            self.delete(stat.key)
        return sum(stat.size for stat in old)

    def check(self) -> None:
        """Ask for the first key of a folder that does not exist."""
        with _answers("", StorageDown):
            next(obstore.list(self._store, "hubkeep-check"), None)

    def _fresh(self, key: str) -> Stat | None:
        try:
            found = self.stat(key)
        except BlobNotFound:
            return None
        return found if now() - found.modified < FRESH else None

    def _open(self, key: str, start: int, length: int | None) -> IO[bytes]:
        wanted: Any = {"offset": start} if length is None else (start, start + length)
        options = None if start == 0 and length is None else {"range": wanted}
        with _answers(key):
            got = obstore.get(self._store, key, options=cast("Any", options))
            return io.BufferedReader(_Download(key, got.stream(min_chunk_size=READ_BYTES)), READ_BYTES)

    def _keys(self) -> Keys | None:
        if self._settings.access_key:
            return Keys(self._settings.access_key, self._settings.secret_key)
        access, secret = os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_SECRET_ACCESS_KEY")
        session = os.environ.get("AWS_SESSION_TOKEN", "")
        return Keys(access, secret, session) if access and secret else None

    def _public(self) -> str:
        """Return the bucket's URL for clients."""
        return self._base(self._settings.public_endpoint)

    def _base(self, endpoint: str = "") -> str:
        """Return the bucket's URL for us, or at another endpoint."""
        settings = self._settings
        endpoint = endpoint or settings.endpoint
        if endpoint:
            return f"{endpoint.rstrip('/')}/{settings.bucket}"
        return f"https://{settings.bucket}.s3.{settings.region}.amazonaws.com"


class _Checking:
    """Hashes a body as it is read; at its end, raises DigestMismatch if the bytes are others than announced."""

    def __init__(self, body: IO[bytes], want: str | None) -> None:
        self._body, self._want, self._digest = body, want, hashlib.sha256()
        self.size = 0

    def read(self, size: int) -> bytes:
        """Read exactly `size` bytes, fewer only at the end."""
        chunks: list[bytes] = []
        while size > 0 and (chunk := self._body.read(size)):
            self._digest.update(chunk)
            chunks.append(chunk)
            self.size += len(chunk)
            size -= len(chunk)
        return b"".join(chunks)

    def parts(self, first: bytes, size: int) -> Iterator[bytes]:
        """Yield everything; raising from here makes the client give up the upload."""
        yield first
        while chunk := self.read(size):
            yield chunk
        self._compare()

    def drain(self) -> None:
        """Read and forget what is left."""
        while self.read(READ_BYTES):
            pass
        self._compare()

    def _compare(self) -> None:
        got = self._digest.hexdigest()
        if self._want is not None and got != self._want:
            raise DigestMismatch(want=self._want, got=got)


class _Download(io.RawIOBase):
    """A response as a stream; closing it drops the connection."""

    def __init__(self, key: str, chunks: Any) -> None:
        super().__init__()
        self._key, self._chunks, self._rest = key, chunks, memoryview(b"")

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` from the chunk in hand, or wait for the next one."""
        if not self._rest:
            with _answers(self._key):
                self._rest = memoryview(next(self._chunks, b""))
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    def close(self) -> None:
        """Forget the response."""
        self._chunks, self._rest = iter(()), memoryview(b"")
        super().close()


@contextmanager
def _answers(key: str, missing: type[HubError] = BlobNotFound) -> Iterator[None]:
    """Turn the client library's errors into ours. For a writer, what is `missing` is the bucket."""
    try:
        yield
    except FileNotFoundError as error:
        raise missing(key=key) from error
    except BaseError as error:
        raise StorageDown from error


def _stat(meta: Any) -> Stat:
    return Stat(meta["path"], meta["size"], meta["last_modified"])
