"""`hubkeep export`: repositories with all that belongs to them, in one folder, for a hub that no network reaches."""

import fcntl
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from hubkeep import __version__, accounts, repos
from hubkeep.accounts import COMMAND_LINE, Carried, Owner
from hubkeep.cli import bundle_format as form
from hubkeep.cli.bundle_people import numbers_in, written
from hubkeep.cli.bundle_records import (
    AroundFacts,
    BundleManifest,
    FileFacts,
    OwnerFacts,
    RepoEntry,
    RepoFacts,
    TalkFacts,
)
from hubkeep.cli.export_bytes import Files, pack_blob, pack_history, pack_picture, pack_upload, tidy
from hubkeep.cli.export_rows import Snapshot, around, facts_with, snapshot
from hubkeep.cli.operator import console, existing, size
from hubkeep.cli.options import Data
from hubkeep.cli.repo import parse
from hubkeep.kit import HubError, ReadTx, now
from hubkeep.repos import Looked, Repo, Stores

PAGE = 500
OURS = {form.MANIFEST, form.AROUND, form.REPOS, form.BLOBS, form.UPLOADS, form.PICTURES, form.LOCK}


class NoRoom(HubError):
    """A folder that cannot become a bundle."""

    status, text = 409, "{folder} {reason}."


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
    webhook_secrets: Annotated[
        bool, typer.Option("--webhook-secrets", help="Put the secrets of webhooks in, too.")
    ] = False,
) -> None:
    """Write repositories into a bundle: history, large files, discussions, and who may do what, by name.

    It holds private repositories in full; keep it as safe as the hub. `hubkeep import` reads it.
    """
    with existing(data) as stores, console().status("exporting …") as status:
        made = make_bundle(
            stores, names, to, link=not copy, webhook_secrets=webhook_secrets, tell=status.update
        )
    console().print(
        f"exported {len(made.repos):,} repositories with {made.blobs:,} large files, {size(made.bytes)}, to {to}"
    )


@dataclass
class _Done:
    """What is in the bundle by now: people by number, repositories, large files."""

    files: Files
    carried: dict[int, Carried] = field(default_factory=dict)
    entries: list[RepoEntry] = field(default_factory=list)
    large: dict[str, int] = field(default_factory=dict)

    def meet(self, tx: ReadTx, numbers: set[int]) -> dict[int, str]:
        """Note what is to be told of these people and organizations; return everybody's name."""
        self.carried |= accounts.carry_out(tx, COMMAND_LINE, sorted(numbers - self.carried.keys()))
        return {number: one.name for number, one in self.carried.items()}


@dataclass(frozen=True)
class _Chosen:
    """What is to be exported: repositories, and those owners who are meant with all they have."""

    repos: list[Repo]
    owners: list[Owner]
    by_name: frozenset[int]  # repositories that must be there; others may be deleted meanwhile


def make_bundle(
    stores: Stores,
    names: Iterable[str],
    to: Path,
    *,
    link: bool = True,
    webhook_secrets: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> BundleManifest:
    """Write the bundle, of each repository as one moment saw it, while people go on working.

    Raises:
        RepoNotFound, OwnerNotFound: nothing of that name.
        BytesMissing: the hub is damaged.
        NoRoom: the folder holds other things, or another export writes into it.
    """
    chosen = _chosen(stores, names)
    with _alone(to):
        done = _Done(Files(stores, to, link))
        for repo in chosen.repos:
            tell(f"{repo.kind.prefix}{repo.full_name} …")
            try:
                _one(done, repo)
            except repos.RepoNotFound:
                if repo.id in chosen.by_name:
                    raise  # else it was one of an owner's, and was deleted meanwhile
        around_facts = _around(done, chosen, webhook_secrets=webhook_secrets)
        made = _manifest(done, around_facts)
        tidy(done.files)
        form.write_model(to / form.MANIFEST, made)
    return made


@contextmanager
def _alone(to: Path) -> Iterator[None]:
    """Take the folder for this export, and make it no bundle until it is whole."""
    try:
        to.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError:
        raise NoRoom(folder=to, reason="is no folder") from None
    strangers = sorted(path.name for path in to.iterdir() if path.name not in OURS and path.name[:1] != ".")
    if strangers:
        raise NoRoom(folder=to, reason=f"holds other things ({strangers[0]}): name a folder of its own")
    with (to / form.LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise NoRoom(folder=to, reason="is being written by another export") from None
        (to / form.MANIFEST).unlink(missing_ok=True)
        yield


def _chosen(stores: Stores, names: Iterable[str]) -> _Chosen:
    found: dict[int, Repo] = {}
    owners: dict[int, Owner] = {}
    single: set[int] = set()
    for name in (name.strip("/") for name in names):
        with stores.db.read() as tx:
            if "/" in name:
                repo = repos.get(tx, COMMAND_LINE, *parse(name))
                found[repo.id] = repo
                single.add(repo.id)
                continue
            owner = accounts.owner_named(tx, name)
        owners[owner.id] = owner
        found |= {repo.id: repo for repo in _all_of(stores, owner)}
    return _Chosen(list(found.values()), list(owners.values()), frozenset(single))


def _all_of(stores: Stores, owner: Owner) -> Iterator[Repo]:
    after: tuple[int, int] | None = None
    while True:
        with stores.db.read() as tx:
            page = repos.every_repo(tx, COMMAND_LINE, Looked(f"{owner.name}/"), after=after, limit=PAGE)
        yield from page
        if len(page) < PAGE:
            return
        after = (page[-1].used_storage, page[-1].id)


def _one(done: _Done, repo: Repo) -> None:
    """Write a repository's folder, its large files and its attachments. Raises RepoNotFound, BytesMissing."""
    with done.files.stores.db.read() as tx:
        seen = snapshot(tx, repo)
        names = done.meet(tx, _everybody(tx, seen))
    folder = f"{len(done.entries):04}"
    place = done.files.to / form.REPOS / folder
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    files: dict[str, FileFacts] = {}
    if pack_history(done.files.stores, seen, place / form.HISTORY):
        files[form.HISTORY] = form.facts_of(place / form.HISTORY)
    if seen.talks:
        with (place / form.TALKS).open("wb") as file:
            file.writelines(form.json_of(written(TalkFacts, talk, names)) for talk in seen.talks)
        files[form.TALKS] = form.facts_of(place / form.TALKS)
    attached = [(one, pack_upload(done.files, one)) for one in seen.attached]
    facts = facts_with(seen, [(one, made.sha256) for one, made in attached if made is not None])
    files[form.FACTS] = form.write_model(place / form.FACTS, written(RepoFacts, facts, names))
    for held in seen.large:
        pack_blob(done.files, held)
        done.large[held.sha256] = held.size
    done.files.kept |= {place / name for name in files}
    at = seen.repo
    done.entries.append(RepoEntry(kind=at.kind, owner=at.owner, name=at.name, folder=folder, files=files))


def _everybody(tx: ReadTx, seen: Snapshot) -> set[int]:
    """Return everybody whom the repository's records name, and who belongs to its organization."""
    found = numbers_in(TalkFacts, *seen.talks) | numbers_in(RepoFacts, facts_with(seen, []))
    found |= {one.user_id for one in seen.attached} | {seen.repo.owner_id}
    return found | {one.user.id for one in accounts.members_of(tx, seen.repo.owner_id)}


def _around(done: _Done, chosen: _Chosen, *, webhook_secrets: bool) -> FileFacts | None:
    """Write what stands around owners who are in the bundle with all they have."""
    path = done.files.to / form.AROUND
    if not chosen.owners:
        path.unlink(missing_ok=True)
        return None
    with path.open("wb") as file:
        for owner in chosen.owners:
            theirs = [repo.id for repo in chosen.repos if repo.owner_id == owner.id]
            with done.files.stores.db.read() as tx:
                facts = around(tx, owner, theirs, webhook_secrets=webhook_secrets)
                names = done.meet(tx, numbers_in(AroundFacts, facts) | {owner.id})
            file.write(form.json_of(written(AroundFacts, facts, names)))
    return form.facts_of(path)


def _owner(files: Files, one: Carried) -> OwnerFacts:
    facts = written(OwnerFacts, one, {})
    picture = pack_picture(files, one.avatar) if one.avatar else None
    return facts.model_copy(update={"picture": picture})


def _manifest(done: _Done, around_facts: FileFacts | None) -> BundleManifest:
    told = sorted(done.carried.values(), key=lambda one: one.name.lower())
    return BundleManifest(
        format=form.FORMAT,
        kind="hubkeep-bundle",
        hubkeep=__version__,
        made_at=now(),
        source=done.files.stores.settings.url,
        owners=[_owner(done.files, one) for one in told],
        repos=done.entries,
        around=around_facts,
        blobs=len(done.large),
        bytes=sum(done.large.values()),
    )
