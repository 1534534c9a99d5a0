"""Git LFS pointers: the small text that stands in git for a large file."""

import re
from dataclasses import dataclass

MAX_POINTER_BYTES = 1023
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n"
    rb"(?:ext-[0-9]-[A-Za-z0-9_-]+ sha256:[0-9a-f]{64}\n)*"
    rb"oid sha256:([0-9a-f]{64})\n"
    rb"size (0|[1-9][0-9]{0,18})\n"
)


@dataclass(frozen=True)
class Pointer:
    """What a pointer says: sha256 (hex) and size (bytes) of the large file."""

    sha256: str
    size: int


def read_pointer(blob: bytes) -> Pointer | None:
    r"""Return the pointer that `blob` is, or None when it is an ordinary file.

    Looks at 1023 bytes at most: the specification caps pointers below 1024 bytes.
    Source: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md

    >>> read_pointer(b"just text\n") is None
    True
    """
    if len(blob) > MAX_POINTER_BYTES:
        return None
    found = _POINTER.fullmatch(blob)
    return Pointer(found[1].decode(), int(found[2])) if found else None


def write_pointer(sha256: str, size: int) -> bytes:
    """Return the pointer's bytes, exactly as git-lfs writes them.

    Source: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
    """
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n".encode()
