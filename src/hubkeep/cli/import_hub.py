"""Carry repositories over from another hub, huggingface.co or a hubkeep, by what every client may do: API, git, git-lfs.

Branches, tags and conversions come with their whole history, large files with every version that the history names.
Discussions stay: a bundle carries those. Whatever was interrupted goes on where it was: history is fetched again from what is
there, large files from the byte at which they broke off.
"""

import hashlib
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pygit2

from hubkeep import accounts, repos
from hubkeep.accounts import COMMAND_LINE, Carried, OwnerKind
from hubkeep.cli.import_large import Downloads
from hubkeep.cli.import_state import Imported, is_here
from hubkeep.cli.remote import TIMEOUT, Remote, RemoteRefused
from hubkeep.git import Reader, environment, make_bare, write_bundle
from hubkeep.kit import HubError
from hubkeep.repos import Arrival, Kind, Stores
from hubkeep.repos.types import Repo

KINDS = (Kind.MODEL, Kind.DATASET, Kind.SPACE)
REFS = ("heads", "tags", "convert")
ATTEMPTS = 4  # of a git command; what it had fetched of a pack that broke off is lost
_NAME = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}")
_FINAL = re.compile(
    r"could not read Username|Authentication failed|not found|The requested URL returned error: [34]0"
)
_BRANCH = re.compile(rb"ref: refs/heads/(\S+)\tHEAD")


class GitRefused(HubError):
    """Git could not fetch the history."""

    status, text = 502, "git could not fetch {name}: {reason}"


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
        try:
            if _is_here(stores, kind, full_name, to):
                done.known.append(name)
                continue
            info = remote.json(f"/api/{kind.plural}/{full_name}")
            there = _name_there(info, full_name)
            if there != full_name and _is_here(stores, kind, there, to):
                done.known.append(name)
                continue
            missing = _one(stores, remote, Found(kind, there, info), to, tell)
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
                    yield kind, str(item.get("id") or item.get("modelId") or "")


@dataclass(frozen=True)
class Found:
    """A repository of the other hub, by the name that it has now, and what that hub tells of it."""

    kind: Kind
    full_name: str
    info: Mapping[str, Any]


def _is_here(stores: Stores, kind: Kind, full_name: str, to: str) -> bool:
    owner, _, short = full_name.partition("/")
    with stores.db.read() as tx:
        return is_here(tx, kind, to or owner, short)


def _name_there(info: object, asked: str) -> str:
    """Return the name that a repository has now: the one that was asked for may lead to it. Raises RemoteRefused."""
    if not isinstance(info, dict):
        raise RemoteRefused(url=asked, reason="is not told of by an object: is it a hub?")
    told = str(info.get("id") or info.get("modelId") or asked)
    return told if _NAME.fullmatch(told) else asked


def _one(stores: Stores, remote: Remote, found: Found, to: str, tell: Callable[[str], None]) -> int:
    """Take one in; return how many large files the other hub does not have itself."""
    kind, info = found.kind, found.info
    owner, _, short = found.full_name.partition("/")
    address = f"{remote.base}/{kind.prefix}{found.full_name}"
    work = stores.scratch / f"import-{hashlib.sha256(address.encode()).hexdigest()[:24]}"
    branch = _fetch(remote, address, work / "git", found.full_name)
    pointers = _pointers(work / "git")
    download = Downloads(stores, remote, f"{kind.prefix}{found.full_name}", work, tell)
    missing = download.all_of(pointers)
    _own(stores, remote, to or owner, owner)
    arrival = Arrival(
        kind=kind,
        owner=to or owner,
        name=short,
        private=bool(info.get("private")),
        default_branch=branch,
        gated=info["gated"] if info.get("gated") in ("auto", "manual") else "",
        disabled=bool(info.get("disabled")),
        sdk=_sdk(info) if kind is Kind.SPACE else None,
        created_at=_moment(info.get("createdAt")),
        last_modified=_moment(info.get("lastModified")),
        large=[(sha256, size) for sha256, size in pointers.items() if sha256 not in missing],
        facts={"source": address},
    )
    _adopt(stores, arrival, work)
    shutil.rmtree(work, ignore_errors=True)
    return len(missing)


def _sdk(info: Mapping[str, Any]) -> str:
    card = info.get("cardData")
    return str(info.get("sdk") or (card.get("sdk") if isinstance(card, dict) else "") or "static")


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
    """Run git, again when the connection broke off. Raises GitRefused."""
    asked = ["git", f"--git-dir={directory}", *arguments]
    for attempt in range(ATTEMPTS):
        done = subprocess.run(asked, env=env, capture_output=True, stdin=subprocess.DEVNULL, check=False)
        if not done.returncode:
            return done.stdout
        said = done.stderr.decode("utf-8", "replace").strip()
        if attempt == ATTEMPTS - 1 or _FINAL.search(said):
            break
        time.sleep(2**attempt)
    if "could not read Username" in said or "Authentication failed" in said:
        said = "it is private, gated or not there: a token that may read it goes into IMPORT_TOKEN"
    elif "returned error: 30" in said:
        said = "it is led elsewhere, where no token is shown: give the address of that hub to --from"
    raise GitRefused(name=name, reason=said[-300:])


def _environment(remote: Remote) -> dict[str, str]:
    """Return git's environment; the token is in it, for this hub only, and in no list of processes."""
    told = {
        f"http.{remote.base}/.extraHeader": f"Authorization: {value}"
        for value in remote.authorization.values()
    }
    told |= {"protocol.allow": "never", "protocol.http.allow": "always", "protocol.https.allow": "always"}
    # git would take its headers along, to wherever it is led; where a repository was moved to, its API has told.
    told |= {"http.followRedirects": "false", "http.lowSpeedLimit": "1", "http.lowSpeedTime": str(TIMEOUT)}
    pairs = {
        f"GIT_CONFIG_{part}_{number}": text
        for number, pair in enumerate(told.items())
        for part, text in zip(("KEY", "VALUE"), pair, strict=True)
    }
    return {**environment(), "GIT_CONFIG_COUNT": str(len(told)), **pairs}


def _pointers(directory: Path) -> dict[str, int]:
    """Return every large file that the history names: sha256 and size."""
    tips = _git(["for-each-ref", "--format=%(objectname)"], directory, environment(), "").decode().split()
    reader = Reader(pygit2.Odb(str(directory / "objects")), directory, lambda: None)
    return (
        {one.pointer_sha256: one.pointer_size for one in reader.pointers(tips, tip_only=False)}
        if tips
        else {}
    )


def _own(stores: Stores, remote: Remote, owner: str, there: str) -> None:
    """Make sure that the owner is here: an organization if it is one there, a person if not, or if it has another name there."""
    with stores.db.read() as tx, suppress(accounts.OwnerNotFound):
        accounts.owner_now(tx, owner)
        return
    kind, fullname = OwnerKind.USER, ""
    if owner.lower() == there.lower():
        with suppress(RemoteRefused):
            told = remote.json(f"/api/organizations/{there}/overview")
            fullname = str(told.get("fullname") or "")[:255] if isinstance(told, dict) else ""
            kind = OwnerKind.ORG
    with stores.db.write() as tx:
        accounts.carry_in(tx, COMMAND_LINE, Carried(owner, kind, fullname))


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
