"""Files that arrive in parts in a bucket: S3's own multipart uploads, under keys that are no blobs.

The client library of the bucket has no words for this, so the few requests are made here, each by a link signed a moment before.
Source: the S3 API reference, "Uploading and copying objects using multipart upload".
"""

import html
import re
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPException
from typing import IO
from urllib.parse import quote, urlsplit

from hubkeep.kit import now
from hubkeep.kit.settings import GIB, MIB
from hubkeep.storage.keys import checked
from hubkeep.storage.presign import Keys, Presigner
from hubkeep.storage.types import BlobNotFound, Blobs, Part, PartsRefused, Stat, StorageDown

INCOMING = "incoming"
LEAST = 5 * MIB  # S3 refuses smaller parts, but for the last one
COPY_WHOLE, COPY_PART, COPIES_AT_ONCE = GIB, 512 * MIB, 8  # S3 copies at most 5 GB by one request, and slowly
SILENCE_SECONDS = 120  # a bucket puts 10,000 parts together without a word
LINK_SECONDS = 3600
_REFUSED = ("InvalidPart", "InvalidPartOrder", "EntityTooSmall")
_GONE = ("NoSuchUpload", "NoSuchKey")


@dataclass(frozen=True)
class Bucket:
    """Where requests go, and who signs them."""

    base: str
    name: str
    keys: Keys
    region: str

    def signer(self, seconds: int, base: str = "") -> Presigner:
        """Return who signs for `seconds` from now, for the address of clients when `base` is that."""
        return Presigner(base or self.base, self.keys, self.region, now(), seconds)

    def ask(
        self,
        method: str,
        key: str,
        query: Mapping[str, str],
        body: bytes | IO[bytes] = b"",
        headers: Mapping[str, str] | None = None,
    ) -> "Said":
        """Make one request. Raises StorageDown: no answer, or one that nothing can be made of."""
        url = self.signer(LINK_SECONDS).sign(method, key, query, headers)
        sent = {"content-type": "application/octet-stream", **(headers or {})}
        data = None if method in ("GET", "DELETE") else body
        request = urllib.request.Request(url, data, sent, method=method)  # noqa: S310  an operator's address
        try:
            with urllib.request.urlopen(request, timeout=SILENCE_SECONDS) as answer:  # noqa: S310
                said = Said(answer.status, answer.headers.get("ETag", ""), answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                said = Said(error.code, "", error.read().decode(errors="replace"))
            if said.code not in (*_REFUSED, *_GONE):
                raise StorageDown from error
        except (OSError, HTTPException) as error:
            raise StorageDown from error
        return said


@dataclass(frozen=True)
class Said:
    """What the bucket answered; errors may come with status 200, when their work had begun."""

    status: int
    tag: str
    text: str

    @property
    def code(self) -> str:
        """The word for an error, "" when there is none."""
        return self.one("Code") if "<Error>" in self.text else ""

    def one(self, name: str) -> str:
        """Return what an element holds, "" when there is none."""
        found = re.search(rf"<{name}>([^<]*)</{name}>", self.text)
        return html.unescape(found[1]) if found else ""

    def each(self, name: str) -> list["Said"]:
        """Return the elements of that name."""
        found = re.findall(rf"<{name}>(.*?)</{name}>", self.text, re.DOTALL)
        return [Said(self.status, "", text) for text in found]


class BucketParts:
    """Uploads in parts of one bucket. An upload's name is that of its key below `incoming/`, a dot, and what S3 calls it.

    `public` is the bucket's URL for clients, "" when they are not to talk to it.
    """

    least = LEAST

    def __init__(self, bucket: Bucket, blobs: Blobs, public: str) -> None:
        self._bucket, self._blobs, self._public = bucket, blobs, public
        at = urlsplit(public)
        self.origin = f"{at.scheme}://{at.netloc}" if public else ""

    def begin(self) -> str:
        """Ask for an upload under a key that nobody can guess."""
        name = secrets.token_hex(16)
        return f"{name}.{_begun(self._bucket, f'{INCOMING}/{name}')}"

    def links(self, upload: str, sizes: Sequence[int], seconds: int) -> list[str] | None:
        """Sign them; the length is signed too, so that nobody stores more than was announced."""
        if not self._public:
            return None
        key, of = _place(upload)
        signer = self._bucket.signer(seconds, self._public)
        return [
            signer.sign("PUT", key, {**of, "partNumber": str(number)}, {"content-length": str(size)})
            for number, size in enumerate(sizes, 1)
        ]

    def send(self, upload: str, number: int, body: IO[bytes], size: int) -> str:
        """Send it by one request."""
        key, of = _place(upload)
        said = self._bucket.ask(
            "PUT", key, {**of, "partNumber": str(number)}, body, {"content-length": str(size)}
        )
        return _found(said, upload).tag.strip('"')

    def received(self, upload: str) -> list[Part]:
        """Ask for the list, a thousand at a time."""
        key, of = _place(upload)
        parts: list[Part] = []
        after = "0"
        while after:
            said = _found(self._bucket.ask("GET", key, {**of, "part-number-marker": after}), upload)
            parts += [_part(each) for each in said.each("Part")]
            after = said.one("NextPartNumberMarker") if said.one("IsTruncated") == "true" else ""
        return parts

    def join(self, upload: str, tags: Mapping[int, str]) -> Stat:
        """Complete the upload; what was completed before is as good."""
        key, of = _place(upload)
        said = _completed(self._bucket, key, of, tags)
        if said.code in _REFUSED:
            raise PartsRefused
        try:
            return self._blobs.stat(key)  # NoSuchUpload, too, is what a repeated request may hear
        except BlobNotFound:
            raise BlobNotFound(key=upload) from None

    def read(self, upload: str) -> IO[bytes]:
        """Start one download."""
        return self._blobs.open(_place(upload)[0])

    def settle(self, upload: str, key: str) -> Stat:
        """Let the bucket copy it: large ones in ranges, several at a time."""
        source = _place(upload)[0]
        stat = self._blobs.stat(source)
        if stat.size <= COPY_WHOLE:
            self._copied(source, checked(key), {}, {})
        else:
            self._copied_in_ranges(source, checked(key), stat.size)
        self._blobs.delete(source)
        return Stat(key, stat.size, now())

    def drop(self, upload: str) -> None:
        """Abort it, and remove what it may have become."""
        try:
            key, of = _place(upload)
        except BlobNotFound:
            return
        self._bucket.ask("DELETE", key, of)
        self._blobs.delete(key)

    def _copied(self, source: str, key: str, query: Mapping[str, str], more: Mapping[str, str]) -> str:
        headers = {"x-amz-copy-source": quote(f"/{self._bucket.name}/{source}"), **more}
        said = _found(self._bucket.ask("PUT", key, query, headers=headers), source)
        if not said.one("ETag"):
            raise StorageDown
        return said.one("ETag").strip('"')

    def _copied_in_ranges(self, source: str, key: str, size: int) -> None:
        of = {"uploadId": _begun(self._bucket, key)}

        def copy(number: int) -> str:
            start = (number - 1) * COPY_PART
            asked = f"bytes={start}-{min(start + COPY_PART, size) - 1}"
            return self._copied(
                source, key, {**of, "partNumber": str(number)}, {"x-amz-copy-source-range": asked}
            )

        try:
            numbers = range(1, -(-size // COPY_PART) + 1)
            tags = dict(zip(numbers, _at_once(copy, numbers), strict=True))
            _found(_completed(self._bucket, key, of, tags), source)
        except BaseException:
            self._bucket.ask("DELETE", key, of)
            raise


def _at_once(work: Callable[[int], str], numbers: Sequence[int]) -> list[str]:
    with ThreadPoolExecutor(COPIES_AT_ONCE, "copy") as pool:
        return list(pool.map(work, numbers))


def _begun(bucket: Bucket, key: str) -> str:
    name = bucket.ask("POST", key, {"uploads": ""}).one("UploadId")
    if not name:
        raise StorageDown
    return name


def _completed(bucket: Bucket, key: str, of: Mapping[str, str], tags: Mapping[int, str]) -> Said:
    lines = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>&quot;{html.escape(tag)}&quot;</ETag></Part>"
        for number, tag in sorted(tags.items())
    )
    body = f"<CompleteMultipartUpload>{lines}</CompleteMultipartUpload>".encode()
    said = bucket.ask("POST", key, of, body)
    if said.code and said.code not in (*_REFUSED, *_GONE):
        raise StorageDown
    return said


def _place(upload: str) -> tuple[str, dict[str, str]]:
    """Return the key that an upload fills, and the query that names it. Raises BlobNotFound."""
    name, _, number = upload.partition(".")
    if not re.fullmatch(r"[0-9a-f]{32}", name) or not number:
        raise BlobNotFound(key=upload)
    return f"{INCOMING}/{name}", {"uploadId": number}


def _found(said: Said, upload: str) -> Said:
    if said.code in _GONE:
        raise BlobNotFound(key=upload)
    if said.code:
        raise StorageDown
    return said


def _part(said: Said) -> Part:
    return Part(
        number=int(said.one("PartNumber")),
        tag=said.one("ETag").strip('"'),
        size=int(said.one("Size")),
        modified=datetime.fromisoformat(said.one("LastModified")),
    )
