"""What open pull requests say a model can do: results that nobody of the model's owners has taken yet.

Source: hub-platform contract section 10.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from hubkeep.community.discussions import Discussion, Status, by_id, by_num, by_nums
from hubkeep.community.pulls.find import tips_of
from hubkeep.community.pulls.tables import pull_results
from hubkeep.git import ObjectMissing
from hubkeep.kit import Job, ReadTx, WriteTx
from hubkeep.repos import Kind, RepoPushed, Stores, results_beside

READ = "community.pull_results"
MAX_PULLS = 50  # of one repository, newest first
# Of one pull request: whoever may read a model may open one, and every visit to the model's card reads them all.
MAX_RESULTS, MAX_BYTES = 100, 32 << 10
PULL = "refs/pr/"


def notice_push(tx: WriteTx, event: RepoPushed) -> None:
    """Have the results read again of the pull requests to a model that were opened or changed."""
    if event.repo.kind is not Kind.MODEL:
        return
    for update in event.updates:
        num = update.name.removeprefix(PULL)
        if update.new is not None and num != update.name and num.isascii() and num.isdigit():
            tx.enqueue(Job(READ, {"repo_id": event.repo.id, "num": int(num)}))


def read_pull_results(stores: Stores, args: Mapping[str, Any]) -> None:
    """Read what a pull request adds, and keep it; nothing for one that is over."""
    with stores.db.read() as tx:
        pull = by_num(tx, int(args["repo_id"]), int(args["num"]))
        found = _added(stores, tx, pull) if pull is not None else []
    if pull is None:
        return
    with stores.db.write() as tx:
        mine = pull_results.c.discussion_id == pull.id
        tx.sql.execute(sa.delete(pull_results).where(mine))
        if found and by_id(tx, pull.id) is not None:
            row = {"discussion_id": pull.id, "repo_id": pull.repo_id, "num": pull.num}
            tx.sql.execute(sa.insert(pull_results).values(**row, results=json.dumps(found)))


def results_of_pulls(tx: ReadTx, repo_id: int) -> list[dict[str, Any]]:
    """Return what open pull requests add to the results of a model, newest first; whoever may read it may read these."""
    kept = sa.select(pull_results.c.num, pull_results.c.results).where(pull_results.c.repo_id == repo_id)
    rows = tx.sql.execute(kept.order_by(pull_results.c.num.desc()).limit(MAX_PULLS)).all()
    talks = by_nums(tx, repo_id, [row.num for row in rows]) if rows else {}
    return [
        {**one, "pullRequest": row.num}
        for row in rows
        if row.num in talks and talks[row.num].status is Status.OPEN
        for one in json.loads(row.results)
    ]


def _added(stores: Stores, tx: ReadTx, pull: Discussion) -> list[dict[str, Any]]:
    tips = tips_of(tx, pull)
    if not pull.is_open or tips.head is None or tips.base is None:
        return []
    try:
        with stores.git.reader(pull.repo_id, tips.head, lambda: tips.packs) as reader:
            return _bounded(results_beside(reader, tips.head, tips.base))
    except ObjectMissing:
        return []


def _bounded(results: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the first results that fit into what one pull request may say here; its files say the rest."""
    kept: list[dict[str, Any]] = []
    left = MAX_BYTES
    for one in results[:MAX_RESULTS]:
        left -= len(json.dumps(one))
        if left < 0:
            break
        kept.append(one)
    return kept


HANDLERS = {READ: read_pull_results}
