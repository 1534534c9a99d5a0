"""Create a repository: never empty, it starts with one commit."""

import re
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from hubkeep.accounts import Actor, NotAllowed, NotSignedIn, Owner, may_create, orgs, owner_now
from hubkeep.kit import BadInput, Database, ReadTx, WriteTx, now
from hubkeep.kit.tables import made_id
from hubkeep.repos import queries
from hubkeep.repos.audited import audited
from hubkeep.repos.card import store_card
from hubkeep.repos.errors import RepoNameTaken
from hubkeep.repos.events import RepoCreated, RepoPushed
from hubkeep.repos.first_commit import first_commit
from hubkeep.repos.metadata import read_metadata
from hubkeep.repos.names import check_repo_name
from hubkeep.repos.publish import add_packs
from hubkeep.repos.quota import add_storage, require_room
from hubkeep.repos.tables import former_names, pushes, refs, repo_ids, repos
from hubkeep.repos.types import Kind, NewRepo, RefUpdate, Repo, Stores
from hubkeep.repos.validate_yaml import SPACE_SDKS

MAIN = "refs/heads/main"
_LICENSE = re.compile(r"[a-z][a-z0-9.-]{0,63}")


def create(stores: Stores, actor: Actor, new: NewRepo) -> Repo:
    """Create a repository with its first commit, owned by `new.owner`.

    Raises:
        NotSignedIn, NotAllowed, OwnerNotFound: `actor` may not create there, or there is no such owner.
        BadInput: a name against the rules, or a Space without a known SDK.
        RepoNameTaken: decided by the unique index, so two callers racing get exactly one repository.
    """
    check_repo_name(new.name)
    check_license(new.license)
    if new.kind is Kind.SPACE and new.sdk not in SPACE_SDKS:
        raise BadInput(field="sdk", reason=f"a Space needs one of {', '.join(SPACE_SDKS)}, not {new.sdk!r}")
    with stores.db.read() as tx:
        owner = require_owner(tx, actor, new.owner, new.resource_group_id)
        require_free(tx, new.kind, f"{owner.name}/{new.name}")
        require_room(tx, stores.settings.quotas, owner.id, owner.name, more_repos=1)
    repo_id = reserve_id(stores.db)
    pack, oid = first_commit(stores, repo_id, actor, new, owner.name)
    with stores.git.reader(repo_id, oid, lambda: [pack.name]) as reader, stores.db.read() as tx:
        card = read_metadata(tx, stores, repo_id, new.kind, reader, oid)
    with stores.db.write() as tx:
        require_owner(tx, actor, new.owner, new.resource_group_id)
        repo = insert(tx, actor, new, repo_id, owner.id, owner.name)
        add_storage(tx, repo_id, add_packs(tx, repo_id, [pack]))
        repo = replace(repo, used_storage=pack.bytes)
        tx.sql.execute(sa.insert(refs).values(repo_id=repo_id, name=MAIN, oid=oid, commit_oid=oid))
        tx.sql.execute(
            sa.insert(pushes).values(
                repo_id=repo_id, user_id=actor.user_id, ref=MAIN, new=oid, at=repo.created_at
            )
        )
        store_card(tx, repo_id, oid, card)
        audited(tx, actor, "create", repo, private=repo.private)
        tx.emit(RepoCreated(repo))
        tx.emit(RepoPushed(repo, actor.user_id, [RefUpdate(MAIN, None, oid)]))
    return repo


def check_license(name: str) -> None:
    """Raise BadInput unless `name` is the identifier of a license, or empty: it becomes a line of YAML."""
    if name and not _LICENSE.fullmatch(name):
        raise BadInput(
            field="license", reason="must be an identifier such as apache-2.0, of up to 64 characters"
        )


def require_owner(tx: ReadTx, actor: Actor, name: str, resource_group_id: int | None = None) -> Owner:
    """Return the owner under which `actor` may create, in a resource group of it or outside them.

    Raises:
        NotSignedIn, NotAllowed, OwnerNotFound.
        GroupNotFound: no group of that owner, or none that `actor` is in.
    """
    if actor.anonymous:
        raise NotSignedIn
    owner = owner_now(tx, name)
    if resource_group_id is not None:
        orgs.require_group(tx, actor, owner.id, resource_group_id)
    if not may_create(actor, owner.id, resource_group_id=resource_group_id):
        raise NotAllowed(what=f"create a repository under {owner.name}")
    return owner


def require_free(tx: ReadTx, kind: Kind, full_name: str) -> None:
    """Raise RepoNameTaken early, before bytes are written for nothing."""
    if (taken := queries.by_name(tx, kind, full_name)) is not None:
        raise RepoNameTaken(kind=kind, name=taken.full_name)


def reserve_id(db: Database) -> int:
    """Give out a number under which packs can be stored before the repository exists."""
    with db.write() as tx:
        made = tx.sql.execute(sa.insert(repo_ids).values(at=now()))
        return made_id(made)


def insert(tx: WriteTx, actor: Actor, new: NewRepo, repo_id: int, owner_id: int, owner: str) -> Repo:
    """Insert the row, and take the name over from a repository that had it before. Raises RepoNameTaken."""
    moment = now()
    row = {
        "id": repo_id,
        "kind": new.kind.value,
        "owner_id": owner_id,
        "owner": owner,
        "owner_lower": owner.lower(),
        "name": new.name,
        "name_lower": new.name.lower(),
        "creator_id": actor.user_id,
        "private": new.private,
        "resource_group_id": new.resource_group_id,
        "sdk": new.sdk if new.kind is Kind.SPACE else None,
        "default_branch": "main",
        "refs_version": 1,
        "created_at": moment,
        "last_modified": moment,
    }
    try:
        with tx.sql.begin_nested():
            tx.sql.execute(sa.insert(repos).values(**row))
    except IntegrityError:
        raise RepoNameTaken(kind=new.kind, name=f"{owner}/{new.name}") from None
    forget_former_name(tx, new.kind, owner, new.name)
    made = queries.by_id(tx, repo_id)
    assert made is not None
    return made


def forget_former_name(tx: WriteTx, kind: Kind, owner: str, name: str) -> None:
    """Stop redirecting a name that now belongs to somebody."""
    old = former_names.c
    same = sa.and_(old.kind == kind.value, old.owner_lower == owner.lower(), old.name_lower == name.lower())
    tx.sql.execute(sa.delete(former_names).where(same))
