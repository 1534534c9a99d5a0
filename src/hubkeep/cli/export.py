"""`hubkeep export`: repositories with all that belongs to them, in one folder, for a hub that no network reaches."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from hubkeep import __version__, accounts, cas, repos
from hubkeep.accounts import COMMAND_LINE, Carried
from hubkeep.cas import Link
from hubkeep.cli import bundle_format as form
from hubkeep.cli.bundle_format import BundleManifest, OwnerFacts, RepoEntry, RepoFacts
from hubkeep.cli.bundle_talks import talk_facts
from hubkeep.cli.operator import console, existing, size
from hubkeep.cli.options import Data
from hubkeep.cli.repo import parse
from hubkeep.community import discussions
from hubkeep.git import write_bundle
from hubkeep.kit import HubError, now
from hubkeep.repos import CarriedAccess, Looked, Repo, Stores

PAGE = 500


class BytesMissing(HubError):
    """A repository holds a large file whose bytes this hub cannot read: `hubkeep fsck` tells more."""

    status, text = 500, "The bytes of {sha256} cannot be read whole: run `hubkeep fsck`."


def export(
    names: Annotated[
        list[str],
        typer.Argument(
            help="Repositories (`owner/name`, `datasets/owner/name`) or owners, with all they have."
        ),
    ],
    to: Annotated[
        Path, typer.Option("--to", help="Folder of the bundle; the same one again copies only news.")
    ],
    data: Data = None,
    *,
    copy: Annotated[
        bool, typer.Option("--copy", help="Copy files even where a second name would do.")
    ] = False,
) -> None:
    """Write repositories into a bundle: history, large files, discussions, and who may do what, by name.

    It holds private repositories in full; keep it as safe as the hub. `hubkeep import` reads it.
    """
    with existing(data) as stores, console().status("exporting …") as status:
        made = make_bundle(stores, names, to, link=not copy, tell=status.update)
    console().print(
        f"exported {len(made.repos):,} repositories with {made.blobs:,} large files, {size(made.bytes)}, to {to}"
    )


@dataclass
class _People:
    """Everybody whose name is needed, by number."""

    names: dict[int, str] = field(default_factory=dict)
    carried: dict[int, Carried] = field(default_factory=dict)


def make_bundle(
    stores: Stores,
    names: Iterable[str],
    to: Path,
    *,
    link: bool = True,
    tell: Callable[[str], None] = lambda _: None,
) -> BundleManifest:
    """Write the bundle. Raises RepoNotFound, OwnerNotFound, BytesMissing."""
    chosen = _chosen(stores, names)
    to.mkdir(mode=0o700, parents=True, exist_ok=True)
    (to / form.MANIFEST).unlink(missing_ok=True)  # until it is whole again
    people, entries = _People(), list[RepoEntry]()
    large: dict[str, int] = {}
    for number, repo in enumerate(chosen):
        tell(f"{repo.kind.prefix}{repo.full_name} …")
        entry, held = _one(stores, repo, to, f"{number:04}", people)
        for link_ in held:
            _blob(stores, to, repo, link_, link=link)
            large[link_.sha256] = link_.size
        entries.append(entry)
    owners = [
        OwnerFacts(name=one.name, kind=one.kind, fullname=one.fullname, members=dict(one.members))
        for one in sorted(people.carried.values(), key=lambda one: one.name.lower())
    ]
    made = BundleManifest(
        format=form.FORMAT,
        kind="hubkeep-bundle",
        hubkeep=__version__,
        made_at=now(),
        source=stores.settings.url,
        owners=owners,
        repos=entries,
        blobs=len(large),
        bytes=sum(large.values()),
    )
    form.write_model(to / form.MANIFEST, made)
    return made


def _chosen(stores: Stores, names: Iterable[str]) -> list[Repo]:
    """Return the repositories that are meant, each once."""
    found: dict[int, Repo] = {}
    for name in names:
        for repo in _named(stores, name.strip("/")):
            found[repo.id] = repo
    return list(found.values())


def _named(stores: Stores, name: str) -> Iterator[Repo]:
    with stores.db.read() as tx:
        if "/" in name:
            kind, full_name = parse(name)
            yield repos.get(tx, COMMAND_LINE, kind, full_name)
            return
        owner = accounts.owner_named(tx, name)
    after: tuple[int, int] | None = None
    while True:
        with stores.db.read() as tx:
            page = repos.every_repo(tx, COMMAND_LINE, Looked(f"{owner.name}/"), after=after, limit=PAGE)
        yield from page
        if len(page) < PAGE:
            return
        after = (page[-1].used_storage, page[-1].id)


def _one(stores: Stores, repo: Repo, to: Path, folder: str, people: _People) -> tuple[RepoEntry, list[Link]]:
    """Write a repository's folder: its history first, so that what is read later knows everything that it names."""
    place = to / "repos" / folder
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    files: dict[str, form.FileFacts] = {}
    lent = repos.open_for_fetch(stores, COMMAND_LINE, repo.kind, repo.full_name)
    try:
        if write_bundle(lent.directory, place / form.HISTORY):
            files[form.HISTORY] = form.facts_of(place / form.HISTORY)
    finally:
        lent.close()
    with stores.db.read() as tx:
        repo = repos.get(tx, COMMAND_LINE, repo.kind, repo.full_name)
        held = list(_links(stores, repo.id))
        talks = list(discussions.carry_out(tx, repo.id))
        off = discussions.settings_of(tx, repo.id).disabled
        asked, members_gated = repos.access_out(tx, repo), repos.gate_of(tx, repo).members_gated
        numbers = {repo.owner_id, repo.creator_id, *(one for talk in talks for one in talk.people)}
        numbers |= {one.user_id for one in asked}
        known = accounts.carry_out(tx, COMMAND_LINE, [one for one in numbers if one is not None])
    people.carried |= known
    people.names |= {number: one.name for number, one in known.items()}
    if talks:
        with (place / form.TALKS).open("wb") as file:
            file.writelines(form.json_of(talk_facts(talk, people.names)) for talk in talks)
        files[form.TALKS] = form.facts_of(place / form.TALKS)
    facts = RepoFacts(
        type=repo.kind,
        owner=repo.owner,
        name=repo.name,
        private=repo.private,
        gated=repo.gated,
        disabled=repo.disabled,
        sdk=repo.sdk,
        default_branch=repo.default_branch,
        creator=people.names.get(repo.creator_id or 0),
        created_at=repo.created_at,
        last_modified=repo.last_modified,
        discussions_off=off,
        large={one.sha256: one.size for one in held},
        members_gated=members_gated,
        access=[_access(one, people.names[one.user_id]) for one in asked if one.user_id in people.names],
    )
    files[form.FACTS] = form.write_model(place / form.FACTS, facts)
    entry = RepoEntry(type=repo.kind, owner=repo.owner, name=repo.name, folder=folder, files=files)
    return entry, held


def _access(one: CarriedAccess, name: str) -> form.AccessFacts:
    return form.AccessFacts(
        user=name,
        status=one.status,
        answers=dict(one.answers),
        asked_at=one.asked_at,
        reviewed_at=one.reviewed_at,
        granted=one.granted,
        reason=one.reason,
    )


def _links(stores: Stores, repo_id: int) -> Iterator[Link]:
    after: str | None = None
    while True:
        with stores.db.read() as tx:
            page = cas.links(tx, repo_id, after, PAGE)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].sha256


def _blob(stores: Stores, to: Path, repo: Repo, held: Link, *, link: bool) -> None:
    """Write a large file, unless the bundle has it. Raises BytesMissing."""
    target = form.blob_path(to, held.sha256)
    if target.exists() and target.stat().st_size == held.size:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with stores.db.read() as tx:
        stored = cas.held(tx, repo.id, {held.sha256}).get(held.sha256)
    if stored is None:
        raise BytesMissing(sha256=held.sha256)
    local = stores.blobs.local_path(cas.blob_key(held.sha256)) if stored.whole and link else None
    if local is not None:
        try:
            os.link(local, target)
        except OSError:
            pass  # another disk: copied below
        else:
            return
    aside = target.with_name(f".{target.name}.new")
    with aside.open("wb") as file:
        for piece in cas.read_range(stores.db, stores.blobs, stored, 0, stored.size):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    if form.facts_of(aside) != form.FileFacts(bytes=held.size, sha256=held.sha256):
        aside.unlink()
        raise BytesMissing(sha256=held.sha256)
    aside.replace(target)
