"""Change who may see a repository and how access is given."""

from dataclasses import dataclass

import sqlalchemy as sa

from hubkeep.accounts import Action, Actor
from hubkeep.kit import WriteTx
from hubkeep.repos import queries
from hubkeep.repos.audited import audited
from hubkeep.repos.events import RepoSettingsChanged
from hubkeep.repos.get import get_for
from hubkeep.repos.tables import repos
from hubkeep.repos.types import Kind, Repo


@dataclass(frozen=True)
class Changes:
    """Settings to change; None leaves one as it is. `gated` is "", "auto" or "manual"."""

    private: bool | None = None
    gated: str | None = None


def update_settings(tx: WriteTx, actor: Actor, kind: Kind, full_name: str, changes: Changes) -> Repo:
    """Apply the changes. Raises what `get_for` raises."""
    repo = get_for(tx, actor, kind, full_name, Action.MANAGE)
    values = {
        name: value
        for name, value in (("private", changes.private), ("gated", changes.gated))
        if value is not None
    }
    if values:
        tx.sql.execute(sa.update(repos).where(repos.c.id == repo.id).values(**values))
    after = queries.by_id(tx, repo.id)
    assert after is not None
    if values:
        _audited(tx, actor, repo, after)
        tx.emit(RepoSettingsChanged(after))
    return after


def _audited(tx: WriteTx, actor: Actor, before: Repo, after: Repo) -> None:
    for act, name in (("update_settings", "private"), ("update_gated_settings", "gated")):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            audited(tx, actor, act, before, before={name: old}, after={name: new})
