"""What a repository says about its discussions: whether there are any, and in which order they are shown."""

from dataclasses import dataclass

import sqlalchemy as sa

from hubkeep.accounts import Action, Actor
from hubkeep.community.discussions.tables import discussion_settings
from hubkeep.community.discussions.types import Sorting
from hubkeep.kit import ReadTx, WriteTx
from hubkeep.kit.tables import insert_missing
from hubkeep.repos import Kind, RepoSettingsChanged, audited, get_for


@dataclass(frozen=True)
class DiscussionSettings:
    """`disabled`: nobody reads or writes discussions here, and none is lost."""

    disabled: bool = False
    sorting: Sorting = Sorting.RECENT


def settings_of(tx: ReadTx, repo_id: int) -> DiscussionSettings:
    """Return a repository's settings; no permission asked."""
    here = discussion_settings.c.repo_id == repo_id
    row = tx.sql.execute(sa.select(discussion_settings).where(here)).first()
    return DiscussionSettings(row.disabled, Sorting(row.sorting)) if row is not None else DiscussionSettings()


def update_settings(
    tx: WriteTx, actor: Actor, kind: Kind, full_name: str, *, disabled: bool | None, sorting: Sorting | None
) -> DiscussionSettings:
    """Change what is not None. Raises what `get_for` raises."""
    repo = get_for(tx, actor, kind, full_name, Action.MANAGE)
    values: dict[str, object] = {"disabled": disabled, "sorting": sorting.value if sorting else None}
    values = {name: value for name, value in values.items() if value is not None}
    if values:
        before = settings_of(tx, repo.id)
        insert_missing(tx.sql, discussion_settings, [{"repo_id": repo.id}])
        here = discussion_settings.c.repo_id == repo.id
        tx.sql.execute(sa.update(discussion_settings).where(here).values(**values))
        was = {f"discussions_{name}": getattr(before, name) for name in values}
        now = {f"discussions_{name}": value for name, value in values.items()}
        audited(tx, actor, "update_settings", repo, before=was, after=now)
        tx.emit(RepoSettingsChanged(repo))
    return settings_of(tx, repo.id)
