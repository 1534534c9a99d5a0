"""Files and folders as `tree` and `paths-info` show them."""

from typing import Any

from hubkeep.kit import wire_date
from hubkeep.repos import File, Listed


def entry(listed: Listed) -> dict[str, Any]:
    """Return one entry. Source: hub-core contract 8.1: real size, pointer's oid, `lfs.oid` = sha256."""
    file = listed.file
    shown: dict[str, Any] = {
        "type": file.kind if file.kind == "directory" else "file",
        "oid": file.oid,
        "size": file.size,
        "path": file.path,
    }
    if file.pointer is not None:
        shown["lfs"] = {
            "oid": file.pointer.sha256,
            "size": file.pointer.size,
            "pointerSize": file.pointer_size,
        }
    if file.xet_hash is not None:
        shown["xetHash"] = file.xet_hash
    if listed.last_commit is not None:
        commit = listed.last_commit
        shown["lastCommit"] = {"id": commit.oid, "title": commit.title, "date": wire_date(commit.date)}
    return shown


def sibling(file: File, *, blobs: bool) -> dict[str, Any]:
    """Return one of `siblings`; here the large file's hash is called `sha256`. Source: hub-core contract 6.1, trap 36."""
    if not blobs:
        return {"rfilename": file.path}
    shown: dict[str, Any] = {"rfilename": file.path, "blobId": file.oid, "size": file.size}
    if file.pointer is not None:
        shown["lfs"] = {
            "sha256": file.pointer.sha256,
            "size": file.pointer.size,
            "pointerSize": file.pointer_size,
        }
    return shown
