"""Large files from another hub, by git-lfs: each is known by its sha256, and nothing else is taken for it."""

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any

from hubkeep import cas
from hubkeep.cli.import_bytes import is_kept
from hubkeep.cli.remote import Remote, RemoteRefused
from hubkeep.kit import HubError
from hubkeep.repos import Stores

BATCH = 100
ATTEMPTS = 5  # in a row that bring no byte
PIECE_BYTES = 1 << 20
_GONE = frozenset((404, 410))  # the other hub has not got the file
_EXPIRED = frozenset((400, 401, 403, 404, 410))  # what a signed address says that was good an hour ago


class WrongBytes(HubError):
    """The other hub sent something else than it promised."""

    status, text = 502, "{name}: the large file {sha256} came with other bytes."


class TooLargeHere(HubError):
    """A file over this hub's own limit."""

    status, text = 413, "{name}: the large file {sha256} has {size:,} bytes; this hub takes {limit:,}."


@dataclass(frozen=True)
class Downloads:
    """Downloads of one repository: `name` with its prefix, as in addresses; half a file stays in `work`."""

    stores: Stores
    remote: Remote
    name: str
    work: Path
    tell: Callable[[str], None] = lambda _: None

    def all_of(self, pointers: Mapping[str, int]) -> set[str]:
        """Bring large files, sha256 to size, into the store; return those that the other hub does not have.

        Raises WrongBytes, TooLargeHere, RemoteRefused.
        """
        wanted = [one for one in pointers.items() if not is_kept(self.stores, *one)]
        self._require_allowed(wanted)
        missing: set[str] = set()
        for start in range(0, len(wanted), BATCH):
            some = wanted[start : start + BATCH]
            actions = self._actions(some)
            for number, (sha256, size) in enumerate(some, start + 1):
                self.tell(f"{self.name}: large file {number:,} of {len(wanted):,} …")
                if sha256 in actions:
                    self.one(sha256, size, actions[sha256])
                else:
                    missing.add(sha256)
        return missing

    def one(self, sha256: str, size: int, action: Mapping[str, Any]) -> None:
        """Download one, from where it broke off last time. Raises WrongBytes, RemoteRefused."""
        part = self.work / f"{sha256}.part"
        went_on = part.exists()
        self._receive(sha256, size, action, part)
        if _sha256(part) != sha256:
            part.unlink()
            if not went_on:
                raise WrongBytes(name=self.name, sha256=sha256)
            self.one(sha256, size, action)  # its beginning was of another day
            return
        cas.keep_whole(self.stores.blobs, part, sha256)

    def _require_allowed(self, wanted: list[tuple[str, int]]) -> None:
        limit = self.stores.settings.lfs.max_bytes
        for sha256, size in wanted:
            if size > limit:
                raise TooLargeHere(name=self.name, sha256=sha256, size=size, limit=limit)

    def _actions(self, some: list[tuple[str, int]]) -> dict[str, Mapping[str, Any]]:
        """Return where each file is to be had; those that are not there are left out. Raises RemoteRefused."""
        objects = [{"oid": sha256, "size": size} for sha256, size in some]
        body = {"operation": "download", "transfers": ["basic"], "hash_algo": "sha256", "objects": objects}
        told = self.remote.json(f"/{self.name}.git/info/lfs/objects/batch", body)
        found: dict[str, Mapping[str, Any]] = {}
        for one in told.get("objects") or () if isinstance(told, dict) else ():
            error = one.get("error")
            if error and error.get("code") not in _GONE:
                reason = f"{error.get('code')} {str(error.get('message'))[:200].rstrip('.')}"
                raise RemoteRefused(url=f"{self.remote.base}/{self.name}", reason=reason)
            action = (one.get("actions") or {}).get("download")
            if action:
                found[str(one.get("oid"))] = action
        return found

    def _receive(self, sha256: str, size: int, action: Mapping[str, Any], part: Path) -> None:
        """Fill `part`, trying again as long as more of it comes; addresses that expired are asked for anew."""
        had, in_vain, renewed = 0, 0, False
        while True:
            try:
                _fill(self.remote, self._address(sha256, action), _headers(action), part, size)
            except RemoteRefused as error:
                if renewed or error.answered not in _EXPIRED:
                    raise
                renewed, action = True, self._actions([(sha256, size)]).get(sha256, action)
            except (OSError, HTTPException) as error:
                has = part.stat().st_size if part.exists() else 0
                in_vain = 0 if has > had else in_vain + 1
                had, renewed = has, renewed and in_vain > 0
                if in_vain == ATTEMPTS:
                    url = self._address(sha256, action).partition("?")[0]
                    raise RemoteRefused(url=url, reason=f"broke off ({error})") from None
            else:
                return

    def _address(self, sha256: str, action: Mapping[str, Any]) -> str:
        url = str(action.get("href", ""))
        if not url.startswith(("http://", "https://")):
            raise WrongBytes(name=self.name, sha256=sha256)
        return url


def _headers(action: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in (action.get("header") or {}).items()}


def _fill(remote: Remote, url: str, headers: dict[str, str], part: Path, size: int) -> None:
    """Ask for what is missing of a file, and write what comes. Raises OSError, HTTPException when that is not all."""
    start = part.stat().st_size if part.exists() else 0
    if start == size and part.exists():
        return
    if start > size:
        start = 0
    with remote.stream(url, headers, start) as answer:
        goes_on = start > 0 and _begins_at(answer, start)
        with part.open("ab" if goes_on else "wb") as file:
            left = size - (start if goes_on else 0)
            while left and (piece := answer.read(min(PIECE_BYTES, left))):
                file.write(piece)
                left -= len(piece)
            file.flush()
            os.fsync(file.fileno())
    if left:
        raise OSError(f"{left:,} bytes are missing")


def _begins_at(answer: HTTPResponse, start: int) -> bool:
    """Tell whether an answer goes on where it was asked to: some send the whole file, or another part."""
    told = answer.headers.get("Content-Range") or f"bytes {start}-"
    return answer.status == 206 and told.startswith(f"bytes {start}-")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
