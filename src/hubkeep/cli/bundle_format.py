"""What a bundle of repositories looks like: a folder that another hub, far from any network, can be filled from.

```
manifest.json                  written last; a folder without it is no bundle
repos/0000/repo.json           what the repository is, and the large files that it holds
repos/0000/history.bundle      every ref and every object: a git bundle (left out when there are no refs)
repos/0000/discussions.ndjson  one discussion a line, with its events
blobs/ab/cd/abcd…              large files by their sha256
```

People are known by name only. Everything is checked when it is read: a bundle may come from anywhere.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Annotated, Final, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from hubkeep.accounts import OwnerKind, Role
from hubkeep.community.discussions import EventType, HideReason, Reaction, Status
from hubkeep.kit import HubError
from hubkeep.repos import AccessStatus, Kind

FORMAT = 1
MANIFEST = "manifest.json"
FACTS: Final = "repo.json"
HISTORY: Final = "history.bundle"
TALKS: Final = "discussions.ndjson"
MAX_JSON = 256 << 20
MAX_LINE = 64 << 20  # a discussion with all that was said in it
MAX_REPOS = 100_000
PIECE_BYTES = 1 << 20

Name = Annotated[str, Field(min_length=1, max_length=96)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Oid = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
Size = Annotated[int, Field(ge=0, le=1 << 50)]
Moment = AwareDatetime


class NotABundle(HubError):
    """A folder that holds something else, or something broken; nothing of it is used."""

    status, text = 409, "{place}: {reason}."


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileFacts(_Part):
    """A file of the bundle."""

    bytes: Size
    sha256: Sha256


class OwnerFacts(_Part):
    """A user or an organization."""

    name: Name
    kind: OwnerKind
    fullname: Annotated[str, Field(max_length=255)] = ""
    members: dict[Name, Role] = {}


class RepoEntry(_Part):
    """A repository of the bundle, and what its folder holds."""

    type: Kind
    owner: Name
    name: Name
    folder: Annotated[str, Field(pattern=r"^[0-9]{4,6}$")]
    files: dict[Literal["repo.json", "history.bundle", "discussions.ndjson"], FileFacts]

    @property
    def full_name(self) -> str:
        """`datasets/owner/name`."""
        return f"{self.type.prefix}{self.owner}/{self.name}"


class BundleManifest(_Part):
    """What a bundle says of itself. `blobs` and `bytes` are those of large files."""

    format: int
    kind: Literal["hubkeep-bundle"]
    hubkeep: Annotated[str, Field(max_length=100)]
    made_at: Moment
    source: Annotated[str, Field(max_length=500)]
    owners: Annotated[list[OwnerFacts], Field(max_length=1_000_000)]
    repos: Annotated[list[RepoEntry], Field(max_length=MAX_REPOS)]
    blobs: int
    bytes: int


class AccessFacts(_Part):
    """Somebody who asked at a gate, or was let in."""

    user: Name
    status: AccessStatus
    answers: Annotated[
        dict[Annotated[str, Field(max_length=200)], Annotated[str, Field(max_length=4000)]],
        Field(max_length=100),
    ] = {}
    asked_at: Moment
    reviewed_at: Moment | None = None
    granted: bool = False
    reason: Annotated[str, Field(max_length=200)] = ""


class RepoFacts(_Part):
    """What a repository is. `large` maps sha256 to size."""

    type: Kind
    owner: Name
    name: Name
    private: bool
    gated: Literal["", "auto", "manual"]
    disabled: bool
    sdk: Annotated[str, Field(max_length=32)] | None
    default_branch: Annotated[str, Field(min_length=1, max_length=255)]
    creator: Name | None
    created_at: Moment
    last_modified: Moment
    discussions_off: bool
    large: dict[Sha256, Size]
    members_gated: bool = False
    access: Annotated[list[AccessFacts], Field(max_length=1_000_000)] = []


class TextFacts(_Part):
    """What a comment said at some time."""

    raw: Annotated[str, Field(max_length=1 << 20)]
    at: Moment
    by: Name | None


class SaidFacts(_Part):
    """A comment."""

    now: TextFacts
    edits: Annotated[int, Field(ge=0, le=100_000)]
    hidden: bool
    hidden_by: Name | None
    hidden_reason: HideReason | None
    before: list[TextFacts]
    reactions: list[tuple[Reaction, Name, Moment]]


class DeedFacts(_Part):
    """An event of a discussion. What it tells are words, never numbers of a hub."""

    type: EventType
    at: Moment
    by: Name | None
    data: dict[Annotated[str, Field(max_length=64)], str | int | bool | None]
    said: SaidFacts | None


class TalkFacts(_Part):
    """A discussion, or a pull request when `base_ref` is there."""

    num: Annotated[int, Field(ge=1, le=(1 << 31) - 1)]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    status: Status
    author: Name | None
    pinned: bool
    locked: bool
    created_at: Moment
    updated_at: Moment
    deeds: Annotated[list[DeedFacts], Field(min_length=1)]
    base_ref: Annotated[str, Field(max_length=512)] | None
    head_oid: Oid | None
    merged_onto: Oid | None
    merge_oid: Oid | None
    ref_deleted: bool


M = TypeVar("M", bound=BaseModel)


def blob_path(bundle: Path, sha256: str) -> Path:
    """Return where a large file stands in a bundle."""
    return bundle / "blobs" / sha256[:2] / sha256[2:4] / sha256


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
    with opened(bundle / MANIFEST) as (file, size):
        if size > MAX_JSON:
            raise NotABundle(place=bundle / MANIFEST, reason=f"is over {MAX_JSON:,} bytes")
        made = parsed(BundleManifest, file.read(), bundle / MANIFEST)
    if made.format != FORMAT:
        raise NotABundle(place=bundle, reason=f"has format {made.format}; this release reads {FORMAT}")
    return made


def read_facts(bundle: Path, entry: RepoEntry) -> RepoFacts:
    """Return what a repository of the bundle is. Raises NotABundle."""
    path = bundle / "repos" / entry.folder / FACTS
    with checked(path, entry.files.get(FACTS)) as file:
        facts = parsed(RepoFacts, file.read(), path)
    if (facts.type, facts.owner, facts.name) != (entry.type, entry.owner, entry.name):
        raise NotABundle(place=path, reason=f"is not about {entry.full_name}")
    return facts


def read_talks(bundle: Path, entry: RepoEntry) -> Iterator[TalkFacts]:
    """Yield the discussions of a repository of the bundle. Raises NotABundle."""
    path = bundle / "repos" / entry.folder / TALKS
    if TALKS not in entry.files:
        return
    with checked(path, entry.files[TALKS]) as file:
        while line := file.readline(MAX_LINE + 1):
            if len(line) > MAX_LINE:
                raise NotABundle(place=path, reason=f"has a line over {MAX_LINE:,} bytes")
            yield parsed(TalkFacts, line, path)


@contextmanager
def checked(path: Path, facts: FileFacts | None) -> Iterator[BufferedReader]:
    """Open a file of the bundle that has the size and the sha256 that the manifest tells. Raises NotABundle."""
    if facts is None:
        raise NotABundle(place=path, reason="is not in the manifest")
    with opened(path) as (file, size):
        if size != facts.bytes:
            raise NotABundle(place=path, reason=f"has {size:,} bytes, the manifest says {facts.bytes:,}")
        if hashlib.file_digest(file, "sha256").hexdigest() != facts.sha256:
            raise NotABundle(place=path, reason="has other bytes than the manifest says (sha256)")
        file.seek(0)
        yield file


@contextmanager
def opened(path: Path) -> Iterator[tuple[BufferedReader, int]]:
    """Open an ordinary file, and nothing else: no link, no pipe, no device. Raises NotABundle."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise NotABundle(place=path, reason=f"cannot be read ({error.strerror})") from None
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise NotABundle(place=path, reason="is no ordinary file")
        yield file, found.st_size


def parsed(model: type[M], data: bytes, place: Path) -> M:
    """Read JSON by its model. Raises NotABundle, which names the field."""
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])[:200]
        raise NotABundle(place=place, reason=f"{where or 'it'}: {first['msg']}") from None


def json_of(model: BaseModel) -> bytes:
    """Write one line of JSON."""
    return model.model_dump_json().encode() + b"\n"
