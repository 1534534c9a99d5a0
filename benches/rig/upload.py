"""Put a large file into a repository by LFS, as clients without Xet do."""

import hashlib
from pathlib import Path

from benches.rig import http
from benches.rig.hub import Hub

LFS = {"Content-Type": "application/vnd.git-lfs+json", "Accept": "application/vnd.git-lfs+json"}


def sha256_of(file: Path) -> str:
    """Hash a file."""
    with file.open("rb") as body:
        return hashlib.file_digest(body, "sha256").hexdigest()


def upload_link(hub: Hub, repo: str, sha256: str, size: int) -> str | None:
    """Ask where to put an object; None when the repository holds it already."""
    asked = {
        "operation": "upload",
        "transfers": ["basic"],
        "objects": [{"oid": sha256, "size": size}],
        "hash_algo": "sha256",
    }
    (item,) = hub.call("POST", f"/{repo}.git/info/lfs/objects/batch", asked, LFS)["objects"]
    return str(item["actions"]["upload"]["href"]) if "actions" in item else None


def put_large(hub: Hub, repo: str, file: Path) -> tuple[str, int]:
    """Upload a file; return its sha256 and size. The commit is the caller's."""
    sha256, size = sha256_of(file), file.stat().st_size
    link = upload_link(hub, repo, sha256, size)
    if link is not None:
        status = http.upload(link, file)
        assert status in (200, 201, 204), status
    return sha256, size
