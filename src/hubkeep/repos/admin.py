"""Every repository, for operators: find, close, open again, and what all of them take."""

from dataclasses import dataclass

import sqlalchemy as sa

from hubkeep.accounts import Actor, require_operator
from hubkeep.kit import ReadTx, WriteTx
from hubkeep.repos import queries
from hubkeep.repos.audited import audited
from hubkeep.repos.errors import RepoNotFound
from hubkeep.repos.events import RepoSettingsChanged
from hubkeep.repos.quota import Usage
from hubkeep.repos.tables import repos
from hubkeep.repos.types import Kind, Repo

MAX_REASON = 500


@dataclass(frozen=True)
class Looked:
    """Which repositories to show. `text` is the beginning of an owner's name, or `owner/` and that of a repository's."""

    text: str = ""
    kind: Kind | None = None
    disabled: bool = False  # only those
    largest: bool = False  # first; else the newest


def every_repo(
    tx: ReadTx, actor: Actor, looked: Looked, *, after: tuple[int, int] | None = None, limit: int = 50
) -> list[Repo]:
    """Return repositories, private ones too; `after` is the (storage, number) of the last one of the page before.

    Raises NotSignedIn, NotAllowed for who is no operator.
    """
    require_operator(actor)
    query = sa.select(*queries.COLUMNS).where(*_narrows(looked))
    if looked.largest:
        order = (repos.c.used_storage, repos.c.id)
        query = query.order_by(*(column.desc() for column in order))
        if after is not None:
            query = query.where(sa.tuple_(*order) < sa.tuple_(*after))
    else:
        query = query.order_by(repos.c.id.desc())
        if after is not None:
            query = query.where(repos.c.id < after[1])
    return [queries.fact(row) for row in tx.sql.execute(query.limit(limit))]


def set_repo_disabled(
    tx: WriteTx, actor: Actor, kind: Kind, full_name: str, *, disabled: bool, reason: str = ""
) -> Repo:
    """Close a repository to everybody but operators, or open it again; nothing of it is deleted.

    Raises:
        NotSignedIn, NotAllowed: for who is no operator.
        RepoNotFound: no repository of that name.
    """
    require_operator(actor)
    repo = queries.by_name(tx, kind, full_name)
    if repo is None:
        raise RepoNotFound(kind=kind, name=full_name)
    if repo.disabled == disabled:
        return repo
    tx.sql.execute(sa.update(repos).where(repos.c.id == repo.id).values(disabled=disabled))
    after = queries.by_id(tx, repo.id)
    assert after is not None
    facts = {"reason": reason[:MAX_REASON]} if reason else {}
    audited(tx, actor, "disable" if disabled else "removed_disable", repo, **facts)
    tx.emit(RepoSettingsChanged(after))
    return after


def count_repos(tx: ReadTx, actor: Actor) -> dict[Kind, tuple[int, int]]:
    """Return, for each kind, how many repositories there are and the bytes that they take. For operators."""
    require_operator(actor)
    counted = sa.select(repos.c.kind, sa.func.count(), sa.func.sum(repos.c.used_storage)).group_by(
        repos.c.kind
    )
    found = {Kind(row[0]): (int(row[1]), int(row[2])) for row in tx.sql.execute(counted)}
    return {kind: found.get(kind, (0, 0)) for kind in Kind}


def largest_owners(tx: ReadTx, actor: Actor, limit: int) -> list[tuple[str, Usage]]:
    """Return who stores most, by name. For operators."""
    require_operator(actor)
    size = sa.func.sum(repos.c.used_storage)
    most = sa.select(repos.c.owner, size, sa.func.count()).group_by(repos.c.owner).order_by(size.desc())
    return [(row[0], Usage(int(row[1]), int(row[2]))) for row in tx.sql.execute(most.limit(limit))]


def _narrows(looked: Looked) -> list[sa.ColumnElement[bool]]:
    narrows: list[sa.ColumnElement[bool]] = []
    owner, slash, name = looked.text.strip().lower().partition("/")
    if slash:
        narrows.append(repos.c.owner_lower == owner)
        if name:
            narrows.append(repos.c.name_lower.startswith(name, autoescape=True))
    elif owner:
        narrows.append(repos.c.owner_lower.startswith(owner, autoescape=True))
    if looked.kind is not None:
        narrows.append(repos.c.kind == looked.kind.value)
    if looked.disabled:
        narrows.append(repos.c.disabled)
    return narrows
