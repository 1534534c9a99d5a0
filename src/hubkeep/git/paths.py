"""Which paths and ref names git accepts, everywhere: what one machine can commit, another must be able to check out.

Source: `verify_path` and `check_refname_format` of git; NTFS and HFS+ tricks as git itself refuses them.
"""

import re
import unicodedata

from hubkeep.git.errors import BadPath

MAX_PATH_BYTES = 4096
MAX_SEGMENT_BYTES = 255
MAX_DEPTH = 128
MAX_REF_BYTES = 255

# HFS+ drops these when it compares names. Source: git's utf8.c (`next_hfs_char`).
_IGNORED_BY_HFS = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_NTFS_DOT_GIT = re.compile(r"(?:\.git|git~1)[ .]*(?::.*)?", re.IGNORECASE | re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BAD_IN_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock/")


def check_path(path: str) -> str:
    """Return `path` if a commit may contain it. Raises BadPath, which tells the rule."""
    reason = _fault(path)
    if reason is not None:
        raise BadPath(path=shown(path), reason=reason)
    return path


def shown(path: str) -> str:
    """Cut a path short for a message."""
    return path if len(path) <= 200 else path[:200] + "…"


def _fault(path: str) -> str | None:
    try:
        size = len(path.encode())
    except UnicodeEncodeError:
        return "it is not valid Unicode"
    if not path:
        return "it is empty"
    if size > MAX_PATH_BYTES:
        return f"it has {size} bytes, over the limit of {MAX_PATH_BYTES}"
    if _CONTROL.search(path):
        return "it contains control characters"
    if "\\" in path:
        return "it contains a backslash"
    if path.startswith("/"):
        return "it must be relative"
    if path.count("/") >= MAX_DEPTH:
        return f"it has more than {MAX_DEPTH} segments"
    return next((reason for part in path.split("/") if (reason := _segment_fault(part))), None)


def _segment_fault(part: str) -> str | None:
    if part == "":
        return "it has an empty segment"
    if part in (".", ".."):
        return f"it has a segment {part!r}"
    if len(part.encode()) > MAX_SEGMENT_BYTES:
        return f"a segment has more than {MAX_SEGMENT_BYTES} bytes"
    if is_dot_git(part):
        return "a segment means `.git` on some systems"
    return None


def is_dot_git(part: str) -> bool:
    """Tell whether some file system takes this name for `.git`."""
    if _NTFS_DOT_GIT.fullmatch(part):
        return True
    return unicodedata.normalize("NFC", _IGNORED_BY_HFS.sub("", part)).lower() == ".git"


def check_ref_name(name: str) -> bool:
    """Tell whether git accepts the full name (`refs/heads/main`)."""
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        return False
    if not 1 <= size <= MAX_REF_BYTES or "/" not in name or name == "@":
        return False
    if _BAD_IN_REF.search(name) or name.startswith(("/", ".")) or name.endswith(("/", ".", ".lock")):
        return False
    # `git branch` refuses these two although `git check-ref-format` does not: no client could name them.
    return not re.fullmatch(r"refs/heads/(?:-.*|HEAD)", name)
