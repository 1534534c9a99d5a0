"""Take a whole repository in, with its history, from a bundle or another hub: all of it at once, or nothing."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import IO

import sqlalchemy as sa

from hubkeep import cas
from hubkeep.accounts import Actor, Owner, group_number, owner_now, require_operator
from hubkeep.git import BadPack, ObjectMissing, Pack, Quarantine, Reader, make_bare, read_bundle
from hubkeep.kit import BadInput, HubError, WriteTx
from hubkeep.repos import queries
from hubkeep.repos.audited import audited
from hubkeep.repos.card import store_card
from hubkeep.repos.create import insert, require_free, reserve_id
from hubkeep.repos.events import RepoCreated, RepoPushed
from hubkeep.repos.kept_refs import PULL
from hubkeep.repos.metadata import Metadata, read_metadata
from hubkeep.repos.names import check_repo_name
from hubkeep.repos.publish import add_packs
from hubkeep.repos.push_rules import peel
from hubkeep.repos.quota import add_storage, require_room
from hubkeep.repos.tables import refs, repos
from hubkeep.repos.types import Kind, NewRepo, RefUpdate, Repo, Stores
from hubkeep.repos.validate_yaml import SPACE_SDKS

SPACES = ("refs/heads/", "refs/tags/", "refs/convert/", PULL)
MAX_PACK_BYTES = 1 << 40


class PackTooLarge(HubError):
    """The history is larger than was announced, or than any repository may be."""

    status, text = 413, "The history of {name} is over {limit:,} bytes."


@dataclass(frozen=True)
class Arrival:
    """What is to be taken in. `creator_id` is a user of this hub; `large` are sha256 and size of files that `cas` keeps already."""

    kind: Kind
    owner: str
    name: str
    private: bool
    default_branch: str = "main"
    gated: str = ""
    disabled: bool = False
    sdk: str | None = None
    resource_group: str = (
        ""  # by name; one that the owner does not have is refused, it would open what was closed
    )
    creator_id: int | None = None
    created_at: datetime | None = None
    last_modified: datetime | None = None
    large: Sequence[tuple[str, int]] = ()
    facts: Mapping[str, str] = field(default_factory=dict)  # for the audit log: where it came from

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner}/{self.name}"


Then = Callable[[WriteTx, Repo], None]


def adopt(
    stores: Stores,
    actor: Actor,
    arrival: Arrival,
    history: IO[bytes] | None,
    then: Then = lambda _tx, _repo: None,
) -> Repo:
    """Make a repository with every ref of a git bundle (None: it has no refs), under the names and dates it had elsewhere.

    Git checks every object, and that nothing reachable is missing. `then` does more in the transaction that makes the
    repository visible, last of all. For operators.

    Raises:
        NotSignedIn, NotAllowed, OwnerNotFound, RepoNameTaken, StorageFull, TooManyRepos.
        BadInput, BadPack, PackTooLarge: it is not what it should be. Nothing was made.
    """
    owner, group_id = _checked(stores, actor, arrival)
    repo_id = reserve_id(stores.db)
    with _unpacked(stores, arrival, history) as (updates, written):
        packs = [stores.git.store(repo_id, *written)] if written else []
    card = _card(stores, repo_id, arrival, packs, updates)
    maker = replace(actor, user_id=arrival.creator_id)
    with stores.db.write() as tx:
        new = NewRepo(arrival.kind, owner.name, arrival.name, arrival.private, arrival.sdk, group_id)
        repo = insert(tx, maker, new, repo_id, owner.id, owner.name)
        _fill(tx, stores, repo, arrival, packs, updates)
        if card is not None:
            store_card(tx, repo_id, *card)
        made = queries.by_id(tx, repo_id)
        assert made is not None
        audited(tx, actor, "import", made, private=made.private, **arrival.facts)
        tx.emit(RepoCreated(made))
        tx.emit(RepoPushed(made, arrival.creator_id, updates))
        then(tx, made)
    return made


def _checked(stores: Stores, actor: Actor, arrival: Arrival) -> tuple[Owner, int | None]:
    require_operator(actor)
    check_repo_name(arrival.name)
    if arrival.kind is Kind.SPACE and arrival.sdk not in SPACE_SDKS:
        raise BadInput(field="sdk", reason=f"a Space needs one of {', '.join(SPACE_SDKS)}")
    with stores.db.read() as tx:
        owner = owner_now(tx, arrival.owner)
        require_free(tx, arrival.kind, f"{owner.name}/{arrival.name}")
        more = sum(size for _, size in arrival.large)
        room = {"more_bytes": more, "more_repos": 1}
        require_room(tx, stores.settings.quotas, owner.id, owner.name, **room)
        group_id = group_number(tx, owner.id, arrival.resource_group) if arrival.resource_group else None
    if arrival.resource_group and group_id is None:
        raise BadInput(field="group", reason=f"{owner.name} has no resource group {arrival.resource_group!r}")
    return owner, group_id


@contextmanager
def _unpacked(
    stores: Stores, arrival: Arrival, history: IO[bytes] | None
) -> Iterator[tuple[list[RefUpdate], tuple[Path, Path, int] | None]]:
    """Let git check the objects, beside an empty repository; yield what the refs would be, and the finished pack."""
    if history is None:
        yield [], None
        return
    bundle = read_bundle(history)
    aside = Path(tempfile.mkdtemp(prefix="adopt-", dir=stores.scratch))
    make_bare(aside / "empty")
    quarantine = Quarantine(aside / "empty", stores.scratch)
    try:
        received = 0
        for piece in bundle.pieces():
            received += len(piece)
            if received > MAX_PACK_BYTES:
                raise PackTooLarge(name=arrival.full_name, limit=MAX_PACK_BYTES)
            quarantine.write(piece)
        quarantine.finish()
        updates = _updates(bundle.refs, quarantine.reader())
        for _ in quarantine.new_objects([update.new or "" for update in updates]):
            pass  # git walks everything that the refs lead to: what is missing is told
        written = quarantine.written()
        yield updates, (written.pack, written.idx, written.objects) if written else None
    finally:
        quarantine.close()
        shutil.rmtree(aside, ignore_errors=True)


def _updates(named: Mapping[str, str], reader: Reader) -> list[RefUpdate]:
    """Return refs that a repository of ours may have, each with the commit that it leads to. Raises BadPack."""
    # `refs/remotes/…`, `refs/notes/…` and their like are seen by nobody on a hub.
    wanted = {name: oid for name, oid in named.items() if name.startswith(SPACES)}
    updates: list[RefUpdate] = []
    for name, oid in sorted(wanted.items()):
        parts = name.split("/")
        above = ("/".join(parts[:depth]) for depth in range(3, len(parts)))
        if (clash := next((other for other in above if other in wanted), None)) is not None:
            raise BadPack(reason=f"{clash} and {name} cannot both be")
        try:
            kind, commit = peel(reader, oid)
        except ObjectMissing:
            raise BadPack(reason=f"{name} leads to an object that is not there") from None
        if kind != "commit" or (commit != oid and not name.startswith("refs/tags/")):
            raise BadPack(reason=f"{name} does not lead to a commit")
        updates.append(RefUpdate(name, None, oid, commit))
    return updates


def _card(
    stores: Stores, repo_id: int, arrival: Arrival, packs: Sequence[Pack], updates: Sequence[RefUpdate]
) -> tuple[str, Metadata] | None:
    head = next((u for u in updates if u.name == f"refs/heads/{arrival.default_branch}"), None)
    if head is None or head.commit_oid is None:
        return None
    names = [pack.name for pack in packs]
    with stores.git.reader(repo_id, head.commit_oid, lambda: names) as reader, stores.db.read() as tx:
        return head.commit_oid, read_metadata(tx, stores, repo_id, arrival.kind, reader, head.commit_oid)


def _fill(
    tx: WriteTx,
    stores: Stores,
    repo: Repo,
    arrival: Arrival,
    packs: Sequence[Pack],
    updates: Sequence[RefUpdate],
) -> None:
    values = {
        "gated": arrival.gated,
        "disabled": arrival.disabled,
        "default_branch": arrival.default_branch,
        "created_at": arrival.created_at or repo.created_at,
        "last_modified": arrival.last_modified or repo.last_modified,
    }
    tx.sql.execute(sa.update(repos).where(repos.c.id == repo.id).values(**values))
    add_storage(tx, repo.id, add_packs(tx, repo.id, packs))
    if updates:
        rows = [
            {"repo_id": repo.id, "name": u.name, "oid": u.new, "commit_oid": u.commit_oid} for u in updates
        ]
        tx.sql.execute(sa.insert(refs), rows)
    for sha256, size in dict(arrival.large).items():
        cas.link_whole(tx, stores.blobs, repo.id, arrival.creator_id, sha256, size)
        add_storage(tx, repo.id, size)
