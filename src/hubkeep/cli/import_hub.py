"""Carry repositories over from another hub, huggingface.co or a hubkeep, by what every client may do: API, git, git-lfs.

Branches, tags and conversions come with their whole history, large files with every version that the history names.
Discussions stay: a bundle carries those. Whatever was interrupted goes on where it was: history is fetched again from what is
there, large files from the byte at which they broke off.
"""

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pygit2

from hubkeep import accounts, cas, repos
from hubkeep.accounts import COMMAND_LINE, Carried, OwnerKind
from hubkeep.cli.import_bytes import is_kept
from hubkeep.cli.import_state import Imported
from hubkeep.cli.remote import Remote, RemoteRefused
from hubkeep.git import Reader, environment, make_bare, write_bundle
from hubkeep.kit import HubError
from hubkeep.repos import Arrival, Kind, Stores
from hubkeep.repos.types import Repo

KINDS = (Kind.MODEL, Kind.DATASET, Kind.SPACE)
REFS = ("heads", "tags", "convert")
BATCH = 100
ATTEMPTS = 5
PIECE_BYTES = 1 << 20
_BRANCH = re.compile(rb"ref: refs/heads/(\S+)\tHEAD")


class GitRefused(HubError):
    """Git could not fetch the history."""

    status, text = 502, "git could not fetch {name}: {reason}"


class WrongBytes(HubError):
    """The other hub sent something else than it promised."""

    status, text = 502, "{name}: the large file {sha256} came with other bytes."


def import_from(
    stores: Stores,
    remote: Remote,
    names: Sequence[str],
    *,
    to: str = "",
    tell: Callable[[str], None] = lambda _: None,
) -> Imported:
    """Take repositories in, by name or all of an owner; `to` is an owner here, the same name as there without it.

    What is here already is left alone; one that is refused stops nobody else.
    """
    done = Imported()
    for kind, full_name in _chosen(remote, names):
        name = f"{kind.prefix}{full_name}"
        tell(f"{name} …")
        owner, _, short = full_name.partition("/")
        try:
            with stores.db.read() as tx:
                known = repos.by_name(tx, kind, f"{to or owner}/{short}")
            if known is not None:
                done.known.append(name)
                continue
            missing = _one(stores, remote, kind, full_name, to or owner, tell)
        except HubError as error:
            done.refused[name] = str(error)
            continue
        done.made.append(name)
        if missing:
            done.incomplete[name] = missing
    return done


def _chosen(remote: Remote, names: Sequence[str]) -> Iterator[tuple[Kind, str]]:
    for name in names:
        parts = name.strip("/").split("/")
        if len(parts) == 3 and parts[0] in {kind.plural for kind in Kind}:
            yield Kind(parts[0][:-1]), "/".join(parts[1:])
        elif len(parts) == 2:
            yield Kind.MODEL, "/".join(parts)
        else:
            for kind in KINDS:
                for item in remote.pages(f"/api/{kind.plural}", author=name, limit="500"):
                    yield kind, str(item["id"])


def _one(
    stores: Stores, remote: Remote, kind: Kind, full_name: str, owner: str, tell: Callable[[str], None]
) -> int:
    """Take one in; return how many large files the other hub does not have itself."""
    info = remote.json(f"/api/{kind.plural}/{full_name}")
    key = hashlib.sha256(f"{remote.base}/{kind.prefix}{full_name}".encode()).hexdigest()[:24]
    work = stores.scratch / f"import-{key}"
    branch = _fetch(remote, f"{remote.base}/{kind.prefix}{full_name}", work / "git", full_name)
    pointers = _pointers(work / "git")
    missing = _large(stores, remote, kind, full_name, pointers, work, tell)
    _own(stores, remote, owner)
    arrival = Arrival(
        kind=kind,
        owner=owner,
        name=full_name.partition("/")[2],
        private=bool(info.get("private")),
        default_branch=branch,
        gated=info["gated"] if info.get("gated") in ("auto", "manual") else "",
        disabled=bool(info.get("disabled")),
        sdk=info.get("sdk") if kind is Kind.SPACE else None,
        created_at=_moment(info.get("createdAt")),
        last_modified=_moment(info.get("lastModified")),
        large=[(sha256, size) for sha256, size in pointers.items() if sha256 not in missing],
        facts={"source": f"{remote.base}/{kind.prefix}{full_name}"},
    )
    _adopt(stores, arrival, work)
    shutil.rmtree(work, ignore_errors=True)
    return len(missing)


def _adopt(stores: Stores, arrival: Arrival, work: Path) -> Repo:
    history = work / "history.bundle"
    if not write_bundle(work / "git", history):
        return repos.adopt(stores, COMMAND_LINE, arrival, None)
    with history.open("rb") as file:
        return repos.adopt(stores, COMMAND_LINE, arrival, file)


def _fetch(remote: Remote, url: str, directory: Path, name: str) -> str:
    """Fetch the history into a bare repository, from what it has on; return the default branch."""
    make_bare(directory)
    env = _environment(remote)
    said = _git(["ls-remote", "--symref", url, "HEAD"], directory, env, name)
    specs = [f"+refs/{space}/*:refs/{space}/*" for space in REFS]
    _git(["fetch", "--quiet", "--prune", "--no-auto-maintenance", url, *specs], directory, env, name)
    found = _BRANCH.search(said)
    return found[1].decode("utf-8", "replace") if found else "main"


def _git(arguments: Sequence[str], directory: Path, env: dict[str, str], name: str) -> bytes:
    asked = ["git", f"--git-dir={directory}", *arguments]
    done = subprocess.run(asked, env=env, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise GitRefused(name=name, reason=done.stderr.decode("utf-8", "replace").strip()[-300:])
    return done.stdout


def _environment(remote: Remote) -> dict[str, str]:
    """Return git's environment; the token is in it, for this hub only, and in no list of processes."""
    told = {
        f"http.{remote.base}/.extraHeader": f"Authorization: {value}"
        for value in remote.authorization.values()
    }
    told |= {"protocol.allow": "never", "protocol.http.allow": "always", "protocol.https.allow": "always"}
    pairs = {
        f"GIT_CONFIG_{part}_{number}": text
        for number, pair in enumerate(told.items())
        for part, text in zip(("KEY", "VALUE"), pair, strict=True)
    }
    return {
        **environment(),
        "GIT_CONFIG_COUNT": str(len(told)),
        **pairs,
    }


def _pointers(directory: Path) -> dict[str, int]:
    """Return every large file that the history names: sha256 and size."""
    tips = _git(["for-each-ref", "--format=%(objectname)"], directory, environment(), "").decode().split()
    reader = Reader(pygit2.Odb(str(directory / "objects")), directory, lambda: None)
    return (
        {one.pointer_sha256: one.pointer_size for one in reader.pointers(tips, tip_only=False)}
        if tips
        else {}
    )


def _large(
    stores: Stores,
    remote: Remote,
    kind: Kind,
    full_name: str,
    pointers: dict[str, int],
    work: Path,
    tell: Callable[[str], None],
) -> set[str]:
    """Bring the large files into the store; return those that the other hub does not have."""
    wanted = [one for one in pointers.items() if not is_kept(stores, *one)]
    missing: set[str] = set()
    address = f"/{kind.prefix}{full_name}.git/info/lfs/objects/batch"
    for start in range(0, len(wanted), BATCH):
        some = wanted[start : start + BATCH]
        objects = [{"oid": sha256, "size": size} for sha256, size in some]
        body = {"operation": "download", "transfers": ["basic"], "hash_algo": "sha256", "objects": objects}
        answers = {one.get("oid"): one for one in remote.json(address, body).get("objects", ())}
        for number, (sha256, size) in enumerate(some, start + 1):
            tell(f"{kind.prefix}{full_name}: large file {number:,} of {len(wanted):,} …")
            action = (answers.get(sha256) or {}).get("actions", {}).get("download")
            if action is None:
                missing.add(sha256)
                continue
            _download(stores, remote, full_name, sha256, size, action, work)
    return missing


def _download(
    stores: Stores, remote: Remote, name: str, sha256: str, size: int, action: dict[str, Any], work: Path
) -> None:
    """Download one, from where it broke off last time. Raises WrongBytes, RemoteRefused."""
    if size > stores.settings.lfs.max_bytes:
        raise WrongBytes(name=name, sha256=sha256)
    part = work / f"{sha256}.part"
    url, headers = str(action.get("href", "")), {str(k): str(v) for k, v in action.get("header", {}).items()}
    if not url.startswith(("http://", "https://")):
        raise WrongBytes(name=name, sha256=sha256)
    had, in_vain = 0, 0
    while True:
        try:
            _receive(remote, url, headers, part, size)
            break
        except (OSError, HTTPException) as error:
            has = part.stat().st_size if part.exists() else 0
            in_vain = 0 if has > had else in_vain + 1
            had = has
            if in_vain == ATTEMPTS:
                raise RemoteRefused(url=url.partition("?")[0], reason=f"broke off ({error})") from None
    with part.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        part.unlink()
        raise WrongBytes(name=name, sha256=sha256)
    cas.keep_whole(stores.blobs, part, sha256)


def _receive(remote: Remote, url: str, headers: dict[str, str], part: Path, size: int) -> None:
    start = part.stat().st_size if part.exists() else 0
    if start == size and part.exists():
        return
    if start > size:
        start = 0
    with remote.stream(url, headers, start) as answer:
        goes_on = start > 0 and answer.status == 206
        with part.open("ab" if goes_on else "wb") as file:
            left = size - (start if goes_on else 0)
            while left and (piece := answer.read(min(PIECE_BYTES, left))):
                file.write(piece)
                left -= len(piece)
            file.flush()
            os.fsync(file.fileno())
    if left:
        raise OSError(f"{left:,} bytes are missing")


def _own(stores: Stores, remote: Remote, owner: str) -> None:
    """Make sure that the owner is here: an organization if it is one there."""
    with stores.db.read() as tx, suppress(accounts.OwnerNotFound):
        accounts.owner_named(tx, owner)
        return
    kind, fullname = OwnerKind.USER, ""
    with suppress(RemoteRefused):
        fullname = str(remote.json(f"/api/organizations/{owner}/overview").get("fullname") or "")
        kind = OwnerKind.ORG
    with stores.db.write() as tx:
        accounts.carry_in(tx, COMMAND_LINE, Carried(owner, kind, fullname))


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
