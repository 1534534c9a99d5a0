"""Fill a hub from a bundle: what is there already is left alone, what is broken is not used."""

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from uuid import uuid4

from hubkeep import accounts, cas, repos
from hubkeep.accounts import COMMAND_LINE, Carried, OwnerKind
from hubkeep.cli import bundle_format as form
from hubkeep.cli.bundle_format import BundleManifest, NotABundle, RepoEntry, RepoFacts
from hubkeep.cli.bundle_talks import people_in, talk_of
from hubkeep.community import discussions
from hubkeep.community.discussions import Talk
from hubkeep.kit import HubError, WriteTx, now
from hubkeep.repos import Arrival, CarriedAccess, Repo, Stores
from hubkeep.storage import BlobNotFound


class Authors(StrEnum):
    """Whose words of a bundle are."""

    KEEP = "keep"  # of whoever has that name here; without one, of an account that is added and that nobody can use yet
    NONE = "none"  # nobody's


@dataclass
class Imported:
    """What came of it, by full names. `incomplete`: how many large files of one that was made nobody has."""

    made: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    incomplete: dict[str, int] = field(default_factory=dict)


def import_bundle(
    stores: Stores,
    bundle: Path,
    *,
    authors: Authors = Authors.KEEP,
    tell: Callable[[str], None] = lambda _: None,
) -> Imported:
    """Take every repository of the bundle in; one that is refused stops nobody else. Run it again to go on.

    Raises:
        NotABundle: the manifest cannot be read.
    """
    manifest = form.read_manifest(bundle)
    done = Imported()
    for entry in manifest.repos:
        tell(f"{entry.full_name} …")
        if _is_here(stores, entry):
            done.known.append(entry.full_name)
            continue
        try:
            _one(stores, bundle, manifest, entry, authors)
        except HubError as error:
            done.refused[entry.full_name] = str(error)
        else:
            done.made.append(entry.full_name)
    return done


def _is_here(stores: Stores, entry: RepoEntry) -> bool:
    with stores.db.read() as tx:
        return repos.by_name(tx, entry.type, f"{entry.owner}/{entry.name}") is not None


def _one(stores: Stores, bundle: Path, manifest: BundleManifest, entry: RepoEntry, authors: Authors) -> None:
    facts = form.read_facts(bundle, entry)
    read = list(form.read_talks(bundle, entry))
    if len({talk.num for talk in read}) < len(read):
        raise NotABundle(place=bundle / "repos" / entry.folder / form.TALKS, reason="has a number twice")
    for sha256, size in facts.large.items():
        _keep(stores, bundle, sha256, size)
    named = {name for talk in read for name in people_in(talk)} | (
        {facts.creator} if facts.creator else set()
    )
    named |= {one.user for one in facts.access}
    numbers = _people(stores, manifest, facts.owner, named if authors is Authors.KEEP else set())
    talks = [talk_of(talk, lambda name: numbers.get((name or "").lower())) for talk in read]
    arrival = Arrival(
        kind=facts.type,
        owner=facts.owner,
        name=facts.name,
        private=facts.private,
        default_branch=facts.default_branch,
        gated=facts.gated,
        disabled=facts.disabled,
        sdk=facts.sdk,
        creator_id=numbers.get((facts.creator or "").lower()),
        created_at=facts.created_at,
        last_modified=facts.last_modified,
        large=list(facts.large.items()),
        facts={"source": manifest.source, "made_at": f"{manifest.made_at:%Y-%m-%dT%H:%M:%SZ}"},
    )
    then = partial(_more, talks, facts, numbers)
    if form.HISTORY not in entry.files:
        repos.adopt(stores, COMMAND_LINE, arrival, None, then)
        return
    with form.checked(bundle / "repos" / entry.folder / form.HISTORY, entry.files[form.HISTORY]) as history:
        repos.adopt(stores, COMMAND_LINE, arrival, history, then)


def _more(talks: list[Talk], facts: RepoFacts, numbers: Mapping[str, int], tx: WriteTx, repo: Repo) -> None:
    """Bring in what stands around the files: discussions, and who was let in at the gate."""
    discussions.carry_in(tx, repo, talks, disabled=facts.discussions_off)
    known = {
        numbers[one.user.lower()]: CarriedAccess(
            numbers[one.user.lower()],
            one.status,
            one.answers,
            one.asked_at,
            one.reviewed_at,
            one.granted,
            one.reason,
        )
        for one in facts.access
        if one.user.lower() in numbers
    }
    repos.access_in(tx, repo, known.values(), members_gated=facts.members_gated)


def _people(stores: Stores, manifest: BundleManifest, owner: str, named: set[str]) -> dict[str, int]:
    """Return the number here of everybody who is named, by lower-case name; the owner is added if need be."""
    known = {one.name.lower(): one for one in manifest.owners}
    numbers: dict[str, int] = {}
    for name in sorted({owner, *named}, key=lambda one: (one.lower() != owner.lower(), one.lower())):
        told = known.get(name.lower())
        carried = (
            Carried(told.name, told.kind, told.fullname, told.members)
            if told is not None
            else Carried(name, OwnerKind.USER)
        )
        with stores.db.write() as tx:
            numbers[name.lower()] = accounts.carry_in(tx, COMMAND_LINE, carried)[0]
    return numbers


def _keep(stores: Stores, bundle: Path, sha256: str, size: int) -> None:
    """Bring a large file into the store, checked while it is copied. Raises NotABundle."""
    if size > stores.settings.lfs.max_bytes:
        raise NotABundle(place=sha256, reason=f"is over {stores.settings.lfs.max_bytes:,} bytes")
    if is_kept(stores, sha256, size):
        return
    path = form.blob_path(bundle, sha256)
    aside = stores.scratch / f"import-{uuid4().hex}"
    try:
        with form.opened(path) as (source, found), aside.open("wb") as target:
            if found != size:
                raise NotABundle(place=path, reason=f"has {found:,} bytes, its repository says {size:,}")
            digest, left = hashlib.sha256(), size
            while left and (piece := source.read(min(form.PIECE_BYTES, left))):
                digest.update(piece)
                target.write(piece)
                left -= len(piece)
            target.flush()
            os.fsync(target.fileno())
        if left or digest.hexdigest() != sha256:
            raise NotABundle(place=path, reason="has other bytes than its name says (sha256)")
        cas.keep_whole(stores.blobs, aside, sha256)
    finally:
        aside.unlink(missing_ok=True)


def is_kept(stores: Stores, sha256: str, size: int) -> bool:
    """Tell whether the store has the file, and will have it still when the repository is made."""
    try:
        found = stores.blobs.stat(cas.blob_key(sha256))
    except BlobNotFound:
        return False
    young = now() - found.modified < timedelta(hours=stores.settings.gc.grace_hours / 2)
    return found.size == size and young
