"""What a bundle of repositories looks like: a folder that another hub, far from any network, can be filled from.

```
manifest.json                  what is in it; written last, a folder without it is no bundle
around.ndjson                  one owner a line: followers, collections, webhooks (of owners with all they have)
repos/0000/repo.json           what the repository is, the large files that it holds, who likes it
repos/0000/history.bundle      every ref and every object: a git bundle (left out when there are no refs)
repos/0000/discussions.ndjson  one discussion a line, with its events
blobs/ab/cd/abcd…              large files by their sha256
uploads/ab/abcd….png           pictures, films and sounds in comments, by their names
pictures/ab/abcd….webp         pictures of people and organizations by their sha256
```

People are known by name only. Everything is checked when it is read: a bundle may come from anywhere.
"""

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from hubkeep.cli.bundle_records import (
    AroundFacts,
    BundleManifest,
    FileFacts,
    RepoEntry,
    RepoFacts,
    TalkFacts,
)
from hubkeep.kit import HubError

FORMAT = 2
MANIFEST: Final = "manifest.json"
FACTS: Final = "repo.json"
HISTORY: Final = "history.bundle"
TALKS: Final = "discussions.ndjson"
AROUND: Final = "around.ndjson"
REPOS, BLOBS, UPLOADS, PICTURES, LOCK = "repos", "blobs", "uploads", "pictures", ".lock"
MAX_JSON = 256 << 20
MAX_LINE = 64 << 20  # a discussion with all that was said in it
MAX_TALKS = (
    1 << 30
)  # all discussions of a repository: they are read into memory, for they come in one transaction
PIECE_BYTES = 1 << 20
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # written as JSON does; PostgreSQL keeps none


class NotABundle(HubError):
    """A folder that holds something else, or something broken; nothing of it is used."""

    status, text = 409, "{place}: {reason}."


M = TypeVar("M", bound=BaseModel)


class _Head(BaseModel):
    """What is read first of a manifest, of whatever format it is."""

    model_config = ConfigDict(extra="ignore")

    format: int
    kind: str


def blob_parts(sha256: str) -> tuple[str, ...]:
    """Return where a large file stands in a bundle."""
    return BLOBS, sha256[:2], sha256[2:4], sha256


def upload_parts(name: str) -> tuple[str, ...]:
    """Return where an attachment stands in a bundle."""
    return UPLOADS, name[:2], name


def picture_parts(sha256: str) -> tuple[str, ...]:
    """Return where the picture of an owner stands in a bundle."""
    return PICTURES, sha256[:2], f"{sha256}.webp"


def write_model(path: Path, model: BaseModel) -> FileFacts:
    """Write a file of the bundle, durable when this returns; return its facts."""
    data = model.model_dump_json(indent=1).encode() + b"\n"
    aside = path.with_name(f".{path.name}.new")
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    return FileFacts(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())


def facts_of(path: Path) -> FileFacts:
    """Measure a file that was written."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileFacts(bytes=path.stat().st_size, sha256=digest)


def read_manifest(bundle: Path) -> BundleManifest:
    """Return what a bundle says of itself. Raises NotABundle."""
    place = bundle / MANIFEST
    with opened(bundle, MANIFEST) as (file, size):
        data = _all_of(file, size, place)
    head = parsed(_Head, data, place)
    if head.kind == "hubkeep-bundle" and head.format != FORMAT:
        advice = "install a newer one here" if head.format > FORMAT else "export it again with this one"
        raise NotABundle(
            place=bundle, reason=f"has format {head.format}, this release reads {FORMAT}: {advice}"
        )
    made = parsed(BundleManifest, data, place)
    _require_different([entry.full_name.lower() for entry in made.repos], place, "repository")
    _require_different([entry.folder for entry in made.repos], place, "folder")
    _require_different([owner.name.lower() for owner in made.owners], place, "owner")
    return made


def read_facts(bundle: Path, entry: RepoEntry) -> RepoFacts:
    """Return what a repository of the bundle is. Raises NotABundle."""
    place = bundle / REPOS / entry.folder / FACTS
    with checked(bundle, (REPOS, entry.folder, FACTS), entry.files.get(FACTS), MAX_JSON) as file:
        facts = parsed(RepoFacts, file.read(), place)
    if (facts.kind, facts.owner, facts.name) != (entry.kind, entry.owner, entry.name):
        raise NotABundle(place=place, reason=f"is not about {entry.full_name}")
    _require_different([one.name for one in facts.attachments], place, "attachment")
    return facts


def read_talks(bundle: Path, entry: RepoEntry) -> list[TalkFacts]:
    """Return the discussions of a repository of the bundle. Raises NotABundle."""
    if TALKS not in entry.files:
        return []
    parts = (REPOS, entry.folder, TALKS)
    with checked(bundle, parts, entry.files[TALKS], MAX_TALKS) as file:
        talks = list(_lines(file, TalkFacts, bundle.joinpath(*parts)))
    _require_different([str(talk.num) for talk in talks], bundle.joinpath(*parts), "number")
    return talks


def read_around(bundle: Path, manifest: BundleManifest) -> Iterator[AroundFacts]:
    """Yield what stands around the owners of the bundle. Raises NotABundle."""
    if manifest.around is not None:
        with checked(bundle, (AROUND,), manifest.around, MAX_TALKS) as file:
            yield from _lines(file, AroundFacts, bundle / AROUND)


@contextmanager
def checked(
    bundle: Path, parts: tuple[str, ...], facts: FileFacts | None, most: int = 1 << 50
) -> Iterator[BufferedReader]:
    """Open a file of the bundle that has the size and the sha256 that are told of it. Raises NotABundle."""
    place = bundle.joinpath(*parts)
    if facts is None:
        raise NotABundle(place=place, reason="is not in the manifest")
    if facts.bytes > most:
        raise NotABundle(place=place, reason=f"is over {most:,} bytes")
    with opened(bundle, *parts) as (file, size):
        if size != facts.bytes:
            raise NotABundle(
                place=place, reason=f"has {size:,} bytes, not {facts.bytes:,} as the bundle says"
            )
        if hashlib.file_digest(file, "sha256").hexdigest() != facts.sha256:
            raise NotABundle(place=place, reason="has other bytes than the bundle says (sha256)")
        file.seek(0)
        yield file


@contextmanager
def opened(bundle: Path, *parts: str) -> Iterator[tuple[BufferedReader, int]]:
    """Open an ordinary file below the bundle, and nothing else: no link on the way, no pipe, no device. Raises NotABundle."""
    place = bundle.joinpath(*parts)
    with ExitStack() as stack:
        try:
            folder = os.open(bundle, os.O_RDONLY | os.O_DIRECTORY)
            for part in parts[:-1]:
                stack.callback(os.close, folder)
                folder = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            stack.callback(os.close, folder)
            handle = os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        except OSError as error:
            raise NotABundle(place=place, reason=f"cannot be read ({error.strerror})") from None
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise NotABundle(place=place, reason="is no ordinary file")
        yield file, found.st_size


def parsed(model: type[M], data: bytes, place: Path) -> M:
    """Read JSON by its model. Raises NotABundle, which names the field."""
    if _NUL.search(data):
        raise NotABundle(place=place, reason="has a NUL character, which no text has")
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])[:200]
        raise NotABundle(place=place, reason=f"{where or 'it'}: {first['msg']}") from None


def json_of(model: BaseModel) -> bytes:
    """Write one line of JSON."""
    return model.model_dump_json().encode() + b"\n"


def _lines(file: BufferedReader, model: type[M], place: Path) -> Iterator[M]:
    while line := file.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE:
            raise NotABundle(place=place, reason=f"has a line over {MAX_LINE:,} bytes")
        yield parsed(model, line, place)


def _all_of(file: BufferedReader, size: int, place: Path) -> bytes:
    if size > MAX_JSON:
        raise NotABundle(place=place, reason=f"is over {MAX_JSON:,} bytes")
    return file.read(MAX_JSON)


def _require_different(keys: list[str], place: Path, what: str) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise NotABundle(place=place, reason=f"has one {what} twice ({key[:100]!r})")
        seen.add(key)
