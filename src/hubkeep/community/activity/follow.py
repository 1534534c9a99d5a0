"""Write down what people do, as it happens."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from hubkeep.community.activity.tables import activities
from hubkeep.community.activity.types import Deed
from hubkeep.community.discussions import DiscussionChanged, DiscussionOpened, EventType, Status
from hubkeep.kit import Bus, WriteTx, now
from hubkeep.repos import Repo, RepoCreated, RepoLiked, RepoPushed

SHOWN_COMMITS = 3
MAX_LINE = 200


def subscribe(bus: Bus) -> None:
    """Listen to repositories and discussions."""
    bus.on(RepoCreated, lambda tx, event: _note(tx, Deed.CREATE, event.repo, event.repo.creator_id, {}))
    bus.on(RepoPushed, _on_push)
    bus.on(RepoLiked, _on_like)
    bus.on(DiscussionOpened, _on_opened)
    bus.on(DiscussionChanged, _on_changed)


def _on_push(tx: WriteTx, event: RepoPushed) -> None:
    """Note pushes to the default branch. The first commit is part of creating; merges are told as merges."""
    main = f"refs/heads/{event.repo.default_branch}"
    moved = next((update for update in event.updates if update.name == main), None)
    if moved is None or moved.old is None or moved.new is None:
        return
    commits = event.commits.get(main, ())
    titles = [commit.title[:MAX_LINE] for commit in commits[-SHOWN_COMMITS:]]
    facts = {"commits": len(commits), "titles": titles, "oid": moved.new}
    _note(tx, Deed.PUSH, event.repo, event.user_id, facts)


def _on_like(tx: WriteTx, event: RepoLiked) -> None:
    """Note a like once; one that was taken back is forgotten."""
    mine = sa.and_(
        activities.c.repo_id == event.repo.id,
        activities.c.user_id == event.user_id,
        activities.c.deed == Deed.LIKE.value,
    )
    tx.sql.execute(sa.delete(activities).where(mine))
    if event.more > 0:
        _note(tx, Deed.LIKE, event.repo, event.user_id, {})


def _on_opened(tx: WriteTx, event: DiscussionOpened) -> None:
    talk = event.discussion
    deed = Deed.PROPOSE if talk.is_pull_request else Deed.DISCUSS
    _note(tx, deed, event.repo, talk.author_id, {"num": talk.num, "title": talk.title})


def _on_changed(tx: WriteTx, event: DiscussionChanged) -> None:
    talk = event.discussion
    if event.event.type is EventType.STATUS_CHANGE and talk.status is Status.MERGED:
        facts = {"num": talk.num, "title": talk.title, "oid": talk.merge_oid}
        _forget_push(tx, event.repo, talk.merge_oid)
        _note(tx, Deed.MERGE, event.repo, event.event.author_id, facts)


def _forget_push(tx: WriteTx, repo: Repo, oid: str | None) -> None:
    """Forget that the commit of a merge was pushed, a moment ago in this transaction: it is told as a merge."""
    pushes = sa.and_(activities.c.repo_id == repo.id, activities.c.deed == Deed.PUSH.value)
    newest = sa.select(activities).where(pushes).order_by(activities.c.id.desc()).limit(1)
    row = tx.sql.execute(newest).first()
    if row is not None and json.loads(row.data).get("oid") == oid:
        tx.sql.execute(sa.delete(activities).where(activities.c.id == row.id))


def _note(tx: WriteTx, deed: Deed, repo: Repo, user_id: int | None, data: Mapping[str, Any]) -> None:
    row = {
        "deed": deed.value,
        "user_id": user_id,
        "repo_id": repo.id,
        "owner_id": repo.owner_id,
        "at": now(),
        "data": json.dumps(data),
    }
    tx.sql.execute(sa.insert(activities).values(**row))
