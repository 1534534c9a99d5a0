"""Every SELECT of the repos room starts here."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from hubkeep.accounts import Actor, Columns, former_owner, names_of_owner, visible
from hubkeep.kit import ReadTx
from hubkeep.kit.tables import Row
from hubkeep.repos.tables import former_names, packs, refs, repos
from hubkeep.repos.types import Kind, Ref, Repo

COLUMNS = [column for column in repos.c if column.name not in ("owner_lower", "name_lower")]
_GUARDED = Columns(repos.c.id, repos.c.owner_id, repos.c.private, repos.c.resource_group_id)


def visible_to(actor: Actor) -> sa.Select[Any]:
    """Every list starts here: repositories that `actor` may see."""
    return sa.select(*COLUMNS).where(visibility(actor))


def visibility(actor: Actor) -> sa.ColumnElement[bool]:
    """The WHERE that keeps private repositories to those who may read them."""
    return visible(actor, _GUARDED)


def readable_ids(actor: Actor) -> sa.Select[Any]:
    """Ids of the repositories that `actor` may read, as a sub-query for rooms that know repos by number."""
    return sa.select(repos.c.id).where(visibility(actor), repos.c.disabled.is_(False))


def fact(row: Row) -> Repo:
    """Turn a row of `COLUMNS` into the fact."""
    values = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name for a row's dict
    return Repo(**{**values, "kind": Kind(values["kind"])})


def by_name(tx: ReadTx, kind: Kind, full_name: str) -> Repo | None:
    """Look up by name, in any case; no permission asked."""
    owner, _, name = full_name.lower().partition("/")
    return tx.keep(("repo", kind, owner, name), lambda: _by_name(tx, kind, owner, name))


def _by_name(tx: ReadTx, kind: Kind, owner: str, name: str) -> Repo | None:
    found = tx.sql.execute(
        sa.select(*COLUMNS).where(
            repos.c.kind == kind.value, repos.c.owner_lower == owner, repos.c.name_lower == name
        )
    ).first()
    return fact(found) if found else None


def by_former_name(tx: ReadTx, kind: Kind, full_name: str) -> Repo | None:
    """Look up by a name it had before."""
    owner, _, name = full_name.lower().partition("/")
    return _by_former_name(tx, kind, [owner], name)


def _by_former_name(tx: ReadTx, kind: Kind, owners: Sequence[str], name: str) -> Repo | None:
    old = former_names.c
    found = tx.sql.execute(
        sa.select(*COLUMNS)
        .join(former_names, old.repo_id == repos.c.id)
        .where(old.kind == kind.value, old.owner_lower.in_(owners), old.name_lower == name)
        .order_by(repos.c.id.desc())
    ).first()
    return fact(found) if found else None


def by_former_owner(tx: ReadTx, kind: Kind, full_name: str) -> Repo | None:
    """Look up below a name that its owner had before, by a name that it has or had below any of the owner's names."""
    owner, _, name = full_name.lower().partition("/")
    now = former_owner(tx, owner)
    if now is None:
        return None
    if (here := by_name(tx, kind, f"{now.name}/{name}")) is not None:
        return here
    return _by_former_name(tx, kind, [now.name.lower(), *names_of_owner(tx, now.id)], name)


def by_id(tx: ReadTx, repo_id: int) -> Repo | None:
    """Look up by number; no permission asked."""
    found = tx.sql.execute(sa.select(*COLUMNS).where(repos.c.id == repo_id)).first()
    return fact(found) if found else None


def pack_names(tx: ReadTx, repo_id: int) -> list[str]:
    """Names of the packs that hold the repository's objects."""
    return list(tx.sql.execute(sa.select(packs.c.name).where(packs.c.repo_id == repo_id)).scalars())


def ref_rows(tx: ReadTx, repo_id: int) -> list[Ref]:
    """Every ref, in name order."""
    rows = tx.sql.execute(sa.select(refs).where(refs.c.repo_id == repo_id).order_by(refs.c.name))
    return [Ref(row.name, row.oid, row.commit_oid) for row in rows]


def ref_names(tx: ReadTx, repo_id: int, prefix: str, limit: int) -> list[str]:
    """Names below `prefix` (`refs/heads/`), without it, in name order, `limit` at most."""
    below = sa.and_(refs.c.repo_id == repo_id, refs.c.name.startswith(prefix, autoescape=True))
    found = tx.sql.execute(sa.select(refs.c.name).where(below).order_by(refs.c.name).limit(limit))
    return [name.removeprefix(prefix) for name in found.scalars()]


def refs_below(tx: ReadTx, repo_id: int, prefix: str, after: str, limit: int) -> list[Ref]:
    """Refs below `prefix` in name order, those after the name `after` ("": from the first), `limit` at most."""
    wanted = [refs.c.repo_id == repo_id, refs.c.name.startswith(prefix, autoescape=True)]
    wanted += [refs.c.name > prefix + after] if after else []
    rows = tx.sql.execute(sa.select(refs).where(*wanted).order_by(refs.c.name).limit(limit)).all()
    return [Ref(row.name, row.oid, row.commit_oid) for row in rows]


def refs_of(tx: ReadTx, repo_id: int) -> dict[str, str]:
    """Full ref name to oid, as git sees it."""
    return {ref.name: ref.oid for ref in ref_rows(tx, repo_id)}


def first_ref(tx: ReadTx, repo_id: int, names: list[str]) -> Ref | None:
    """Return the first of `names` that exists, in the order given; one query."""
    return tx.keep(("ref", repo_id, *names), lambda: _first_ref(tx, repo_id, names))


def _first_ref(tx: ReadTx, repo_id: int, names: list[str]) -> Ref | None:
    rows = tx.sql.execute(sa.select(refs).where(refs.c.repo_id == repo_id, refs.c.name.in_(names))).all()
    found = {row.name: Ref(row.name, row.oid, row.commit_oid) for row in rows}
    return next((found[name] for name in names if name in found), None)
