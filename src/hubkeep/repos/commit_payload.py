"""The NDJSON body of a commit: parsed line by line, every rule of the contract checked, nothing ignored."""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from hubkeep.git import BadPath, check_path
from hubkeep.kit import TooLarge
from hubkeep.repos.errors import InvalidCommit, InvalidPath

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PARENT = re.compile(r"[0-9a-f]{5,40}")
MAX_SUMMARY = 500
MAX_DESCRIPTION = 65_536


@dataclass(frozen=True)
class Header:
    """First line: message and, when the caller insists, the commit it must land on (5 to 40 hex)."""

    summary: str
    description: str = ""
    parent: str | None = None

    @property
    def message(self) -> str:
        """The git commit message."""
        return f"{self.summary}\n\n{self.description}" if self.description else self.summary


@dataclass(frozen=True)
class AddFile:
    """A small file, its content in the payload. `old_path` is removed in the same commit (a rename)."""

    path: str
    content: bytes
    old_path: str | None = None


@dataclass(frozen=True)
class AddLargeFile:
    """A large file that was uploaded before, by its sha256; `size` may be left out."""

    path: str
    sha256: str
    size: int | None = None
    old_path: str | None = None


@dataclass(frozen=True)
class DeleteFile:
    """Remove a file, or a folder named without a slash."""

    path: str


@dataclass(frozen=True)
class DeleteFolder:
    """Remove everything below a folder."""

    path: str


@dataclass(frozen=True)
class MoveFolder:
    """Give a folder another path, with everything in it. A word of this hub's own: the official client moves file by file."""

    path: str
    old_path: str


Operation = AddFile | AddLargeFile | DeleteFile | DeleteFolder | MoveFolder


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    key: str
    value: dict[str, Any]


_decoder = msgspec.json.Decoder(_Line)


def read_payload(body: Path, max_file: int) -> tuple[Header, Iterator[Operation]]:
    """Return the header and the operations, read one line at a time: memory holds one file of `max_file` bytes at most.

    Source: hub-core contract 9.3. The last line may lack its newline.

    Raises:
        InvalidCommit, InvalidPath, TooLarge: naming the line; also while iterating.
    """
    lines = _lines(body, max_line=max_file * 4 // 3 + 65_536)
    first = next(lines, None)
    if first is None or first[1].key != "header":
        raise InvalidCommit(reason='line 1: the first line must have the key "header"')
    return _header(first[1].value), (_operation(number, line, max_file) for number, line in lines)


def _lines(body: Path, max_line: int) -> Iterator[tuple[int, _Line]]:
    with body.open("rb") as file:
        number = 0
        while line := file.readline(max_line + 1):
            number += 1
            if len(line) > max_line:
                raise TooLarge(
                    field=f"line {number} of the commit",
                    limit=f"{max_line} bytes: upload this file by LFS or Xet",
                )
            if not line.strip():
                continue
            try:
                yield number, _decoder.decode(line)
            except msgspec.DecodeError as error:
                raise InvalidCommit(reason=f"line {number}: {error}") from None


def _header(value: dict[str, Any]) -> Header:
    summary, description, parent = (
        value.get("summary"),
        value.get("description") or "",
        value.get("parentCommit"),
    )
    if not isinstance(summary, str) or not summary.strip():
        raise InvalidCommit(reason="line 1: header.summary must be a text that is not empty")
    if len(summary) > MAX_SUMMARY:
        raise InvalidCommit(reason=f"line 1: header.summary is over the limit of {MAX_SUMMARY} characters")
    if not isinstance(description, str) or len(description) > MAX_DESCRIPTION:
        raise InvalidCommit(
            reason=f"line 1: header.description must be a text of at most {MAX_DESCRIPTION} characters"
        )
    if parent is not None and not (isinstance(parent, str) and _PARENT.fullmatch(parent)):
        raise InvalidCommit(reason="line 1: header.parentCommit must be 5 to 40 hexadecimal digits")
    _only(1, "header", value, {"summary", "description", "parentCommit"})
    return Header(summary.replace("\0", ""), description.replace("\0", ""), parent)


def _operation(number: int, line: _Line, max_file: int) -> Operation:
    match line.key:
        case "file":
            _only(number, line.key, line.value, {"path", "content", "encoding", "oldPath"})
            return AddFile(
                _path(number, line.value),
                _content(number, line.value, max_file),
                _old_path(number, line.value),
            )
        case "lfsFile":
            _only(number, line.key, line.value, {"path", "algo", "oid", "size", "oldPath"})
            return AddLargeFile(
                _path(number, line.value), *_large(number, line.value), _old_path(number, line.value)
            )
        case "deletedFile":
            _only(number, line.key, line.value, {"path"})
            return DeleteFile(_path(number, line.value))
        case "deletedFolder":
            _only(number, line.key, line.value, {"path"})
            return DeleteFolder(_path(number, line.value))
        case "movedFolder":
            _only(number, line.key, line.value, {"path", "oldPath"})
            return MoveFolder(_path(number, line.value), _path(number, line.value, "oldPath"))
        case _:
            raise InvalidCommit(
                reason=f"line {number}: unknown key {line.key!r}; use header, file, lfsFile, deletedFile, deletedFolder or movedFolder"
            )


def _only(number: int, key: str, value: dict[str, Any], allowed: set[str]) -> None:
    if unknown := value.keys() - allowed:
        raise InvalidCommit(reason=f"line {number}: unknown field {key}.{min(unknown)}")


def _path(number: int, value: dict[str, Any], field: str = "path") -> str:
    path = value.get(field)
    if not isinstance(path, str):
        raise InvalidCommit(reason=f"line {number}: {field} must be a text")
    try:
        return check_path(path.removesuffix("/"))
    except BadPath as error:
        raise InvalidPath(path=path, reason=str(error.facts.get("reason", error))) from None


def _old_path(number: int, value: dict[str, Any]) -> str | None:
    return _path(number, value, "oldPath") if value.get("oldPath") is not None else None


def _content(number: int, value: dict[str, Any], max_file: int) -> bytes:
    content, encoding = value.get("content"), value.get("encoding", "utf-8")
    if not isinstance(content, str):
        raise InvalidCommit(reason=f"line {number}: file.content must be a text")
    if encoding == "base64":
        try:
            data = base64.b64decode(content, validate=True)
        except (binascii.Error, ValueError):
            raise InvalidCommit(reason=f"line {number}: file.content is not valid base64") from None
    elif encoding == "utf-8":
        data = content.encode("utf-8", "surrogatepass")
    else:
        raise InvalidCommit(
            reason=f'line {number}: file.encoding must be "base64" or "utf-8", not {encoding!r}'
        )
    if len(data) > max_file:
        raise TooLarge(
            field=f"{value.get('path')} (line {number})",
            limit=f"{max_file} bytes for a regular file: upload it by LFS or Xet",
        )
    return data


def _large(number: int, value: dict[str, Any]) -> tuple[str, int | None]:
    algo, oid, size = value.get("algo", "sha256"), value.get("oid"), value.get("size")
    if algo != "sha256":
        raise InvalidCommit(reason=f"line {number}: lfsFile.algo must be sha256, not {algo!r}")
    if not isinstance(oid, str) or not _SHA256.fullmatch(oid):
        raise InvalidCommit(reason=f"line {number}: lfsFile.oid must be 64 lower-case hexadecimal digits")
    if size is not None and (not isinstance(size, int) or isinstance(size, bool) or size < 0):
        raise InvalidCommit(reason=f"line {number}: lfsFile.size must be a whole number of bytes")
    return oid, size
