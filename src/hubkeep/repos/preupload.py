"""Tell a client how each file of its next commit should travel: inside the commit, or as a large file."""

import codecs
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hubkeep.accounts import Actor
from hubkeep.git import Attributes, Ignore, Reader
from hubkeep.kit import ReadTx
from hubkeep.repos.files import describe
from hubkeep.repos.kept_refs import get_for_landing
from hubkeep.repos.snapshot import snapshot
from hubkeep.repos.types import Kind, Stores

ATTRIBUTES = ".gitattributes"
# One line for each large file is usual: a thousand files are 100 KB. Git itself stops at 100 MB.
MAX_TEXT = 16 << 20


@dataclass(frozen=True)
class Candidate:
    """A file that a client is about to commit: path, size in bytes, up to 512 first bytes."""

    path: str
    size: int
    sample: bytes


@dataclass(frozen=True)
class Verdict:
    """How it should travel; `oid` names what is at that path now, for the client's no-op check."""

    path: str
    large: bool
    ignored: bool
    oid: str | None


def preupload(
    tx: ReadTx,
    actor: Actor,
    stores: Stores,
    kind: Kind,
    full_name: str,
    revision: str,
    candidates: Sequence[Candidate],
    git_ignore: str | None,
    git_attributes: str | None,
    *,
    create_pr: bool = False,
) -> tuple[str, list[Verdict]]:
    """Return the commit looked at and one verdict per candidate, in order.

    `git_ignore` and `git_attributes` are texts that the same commit will bring; else the revision's own apply. With
    `create_pr`, whoever may open a pull request may ask.

    Raises:
        What `get_for_landing` and `snapshot` raise.
    """
    get_for_landing(tx, actor, kind, full_name, revision, create_pr=create_pr)
    with snapshot(tx, actor, stores, kind, full_name, revision, names_only=True) as at:
        ignore = Ignore.parse(
            git_ignore if git_ignore is not None else text_at(at.reader, at.oid, ".gitignore")
        )
        attributes = attributes_at(at.reader, at.oid, git_attributes, [c.path for c in candidates])
        entries = [
            entry
            for c in candidates
            if (entry := at.reader.entry(at.oid, c.path.strip("/") or ".")) is not None
        ]
        now_there = {
            file.path: file.etag
            for file in describe(tx, at.repo.id, at.reader, entries)
            if file.kind == "file"
        }
        limit = stores.settings.git.max_plain_bytes
        return at.oid, [
            Verdict(c.path, is_large(c, attributes, limit), ignore.matches(c.path), now_there.get(c.path))
            for c in candidates
        ]


def is_large(candidate: Candidate, attributes: Attributes, limit: int) -> bool:
    """Decide by pattern, then size, then content.

    Source: hub-core contract 9.4: empty files are always regular; tracked patterns win; binary samples are large.
    """
    if candidate.size == 0:
        return False
    return attributes.is_lfs(candidate.path) or candidate.size > limit or not _is_text(candidate.sample)


def attributes_at(reader: Reader, commit_oid: str, root_text: str | None, paths: Iterable[str]) -> Attributes:
    """Read every .gitattributes of a commit that may concern `paths`; `root_text` replaces the root's."""
    folders = {folder for path in paths for folder in folders_of(path)}
    nested = [(folder, text_at(reader, commit_oid, f"{folder}/{ATTRIBUTES}")) for folder in folders]
    root = root_text if root_text is not None else text_at(reader, commit_oid, ATTRIBUTES)
    return Attributes.parse([("", root), *((folder, text) for folder, text in nested if text)])


def text_at(reader: Reader, commit_oid: str, path: str) -> str:
    """Return a text file of a commit, "" when it is not there."""
    entry = reader.entry(commit_oid, path)
    if entry is None or entry.kind != "file" or reader.size(entry.oid) > MAX_TEXT:
        return ""
    return reader.blob(entry.oid).decode("utf-8", "replace")


def folders_of(path: str) -> Iterator[str]:
    """Yield the folders above a path, the nearest first, without the root."""
    while folder := path.rpartition("/")[0]:
        yield folder
        path = folder


def _is_text(sample: bytes) -> bool:
    """True for UTF-8 without NUL; the sample may end in the middle of a character."""
    if b"\0" in sample:
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=False)
    except UnicodeDecodeError:
        return False
    return True
