"""Git objects as bytes: hashing, parsing, writing. Nothing here touches a disk."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from hubkeep.git.types import DIRECTORY, Commit

TYPE_CODES = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

# A parsed tree: raw name to (mode, raw object id), in git's order. Names are bytes: git promises no encoding.
Tree = Mapping[bytes, tuple[int, bytes]]

_TREE_ENTRY = re.compile(rb"([0-7]{1,7}) ([^\0]+)\0(.{20})", re.DOTALL)
_LAST_SECOND = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())


def oid_of(kind: str, data: bytes) -> str:
    """Return the name that git gives an object."""
    digest = hashlib.sha1(b"%s %d\0" % (kind.encode(), len(data)), usedforsecurity=False)
    digest.update(data)
    return digest.hexdigest()


def parse_tree(data: bytes) -> dict[bytes, tuple[int, bytes]]:
    """Return the entries of a tree object. Stops at the first byte that is no entry."""
    entries, position = {}, 0
    while (found := _TREE_ENTRY.match(data, position)) is not None:
        mode, name, oid = found.groups()
        entries[name] = (int(mode, 8), oid)
        position = found.end()
    return entries


def dump_tree(entries: Tree) -> bytes:
    """Write a tree object, its entries in git's order."""
    ordered = sorted(entries.items(), key=lambda item: sort_key(item[0], item[1][0]))
    return b"".join(b"%o %s\0%s" % (mode, name, oid) for name, (mode, oid) in ordered)


def sort_key(name: bytes, mode: int) -> bytes:
    """Return what git sorts a tree entry by: a folder's name as if it ended in a slash."""
    return name + b"/" if mode == DIRECTORY else name


def parse_commit(oid: str, data: bytes) -> Commit:
    """Read a commit object. Lenient: old tools wrote odd ones, and reading must not fail for that."""
    head, _, message = data.partition(b"\n\n")
    fields: dict[bytes, bytes] = {}
    parents: list[str] = []
    for line in head.split(b"\n"):
        key, _, value = line.partition(b" ")
        if key == b"parent":
            parents.append(value.decode("ascii", "replace"))
        elif key:  # a continued line (of a signature) starts with a space
            fields.setdefault(key, value)
    encoding = fields.get(b"encoding", b"utf-8").decode("ascii", "replace")
    name, email, _ = _signature(fields.get(b"author", b""))
    title, _, body = _decode(message, encoding).lstrip("\n").partition("\n")
    return Commit(
        oid=oid,
        tree=fields.get(b"tree", b"").decode("ascii", "replace"),
        parents=tuple(parents),
        author=_decode(name, encoding),
        email=_decode(email, encoding),
        date=_signature(fields.get(b"committer", b""))[2],
        title=title.rstrip(),
        body=body.strip("\n"),
    )


def dump_commit(
    tree: str, parents: Iterable[str], author: tuple[str, str], message: str, when: datetime
) -> bytes:
    """Write a commit object; author and committer are the same, times are in UTC."""
    who = signature(author, when)
    lines = [
        f"tree {tree}",
        *(f"parent {parent}" for parent in parents),
        f"author {who}",
        f"committer {who}",
    ]
    return ("\n".join(lines) + f"\n\n{clean_message(message)}").encode("utf-8", "replace")


def dump_tag(oid: str, name: str, tagger: tuple[str, str], message: str, when: datetime) -> bytes:
    """Write an annotated tag object for a commit."""
    lines = [f"object {oid}", "type commit", f"tag {name}", f"tagger {signature(tagger, when)}"]
    return ("\n".join(lines) + f"\n\n{clean_message(message)}").encode("utf-8", "replace")


def signature(who: tuple[str, str], when: datetime) -> str:
    """Write `Name <address> seconds +0000`, without the characters that would end a field early."""
    name, email = (re.sub(r"[<>\0\n\r]", "", part).strip(" .,:;\"'") for part in who)
    return f"{name or 'unknown'} <{email}> {max(0, int(when.timestamp()))} +0000"


def clean_message(message: str) -> str:
    """End a message with one newline, as git does, and drop null characters, which git refuses."""
    return message.replace("\0", "").rstrip("\n") + "\n"


def _signature(line: bytes) -> tuple[bytes, bytes, datetime]:
    """Split `Name <address> seconds zone`; what is missing or broken reads as empty, or as the year 1970."""
    name, _, rest = line.partition(b"<")
    email, _, times = rest.rpartition(b">")
    seconds = (times.split(maxsplit=1) or [b""])[0]
    moment = min(int(seconds), _LAST_SECOND) if seconds.isdigit() and len(seconds) < 20 else 0
    return name.strip(), email, datetime.fromtimestamp(moment, UTC)


def _decode(text: bytes, encoding: str) -> str:
    try:
        return text.decode(encoding, "replace").replace("\0", "")
    except LookupError:
        return text.decode("utf-8", "replace").replace("\0", "")
