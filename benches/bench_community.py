"""Pages of long discussions and lists, the bell, telling many people, and deciding who may: how each grows."""

import statistics
import time
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from benches.rig.hub import Hub, hub
from benches.rig.report import report

from hubkeep import accounts, repos
from hubkeep.accounts import Action, Actor
from hubkeep.community import discussions, notifications
from hubkeep.community.notifications.tables import notifications as told
from hubkeep.community.notifications.tables import watches
from hubkeep.kit import Settings, now
from hubkeep.kit.tables import jobs
from hubkeep.opening import open_stores
from hubkeep.repos import Kind, Stores

ROUNDS = 15
EVENTS, TALKS, WATCHERS = 10_000, 3_000, 2_000
BERT = (Kind.MODEL, "ada/few")
MANY = (Kind.MODEL, "ada/many")


def main(folder: Path) -> None:
    """Ask all of one hub."""
    with hub(folder) as ours:
        ours.create("few")
        ours.create("many")
        stores = open_stores(Settings(data=ours.data))
        with stores.db.read() as tx:
            ada = accounts.actor_of(tx, accounts.user_named(tx, "ada").id, can_write=True)
        _long(ours, stores, ada)
        _lists(ours, stores, ada)
        _bell(stores, ada)
        _telling(ours, stores)
        _deciding(stores, ada)
        stores.db.close()


def _long(ours: Hub, stores: Stores, ada: Actor) -> None:
    """Show the first, a middle and the last page of a discussion of 10,000 comments, and of one of 60."""
    with stores.db.write() as tx:
        for where, length in ((BERT, 60), (MANY, EVENTS)):
            num = discussions.create(tx, ada, *where, "A long talk", "x").discussion.num
            for number in range(length):
                happened = discussions.comment(tx, ada, *where, num, f"comment {number} " * 10)
    _settle(stores)
    middle = happened.event.id - EVENTS // 2
    address = f"{ours.url}/ada/many/discussions/1"
    figures = {
        "short_ms": _median(partial(_get, f"{ours.url}/ada/few/discussions/1")),
        "first_page_ms": _median(partial(_get, address)),
        "middle_page_ms": _median(partial(_get, f"{address}?after={middle}")),
        "last_page_ms": _median(partial(_get, f"{address}?last=1")),
    }
    growth = max(list(figures.values())[1:]) / figures["short_ms"]
    report(
        "page_of_10000_events", target="at most 1.5 times", reached=growth <= 1.5, growth=growth, **figures
    )


def _lists(ours: Hub, stores: Stores, ada: Actor) -> None:
    """Show the first page of a list of 3,000 discussions, and of 30."""
    for where, length in ((BERT, 30), (MANY, TALKS)):
        with stores.db.write() as tx:
            for number in range(length):
                discussions.create(tx, ada, *where, f"Question {number}", "Why?")
    _settle(stores)
    small, large = (_median(partial(_get, f"{ours.url}/ada/{name}/discussions")) for name in ("few", "many"))
    growth = large / small
    figures = {"ms_at_30": small, "ms_at_3000": large}
    report("list_of_discussions", target="at most 1.5 times", reached=growth <= 1.5, growth=growth, **figures)


def _bell(stores: Stores, ada: Actor) -> None:
    """Count what is unread for the header: nothing, and 3,000."""
    empty = _median(partial(_unread, stores, ada))
    with stores.db.write() as tx:
        repo = repos.get(tx, ada, *MANY)
        nums = range(2, TALKS + 2)
        talks = [
            talk
            for start in range(0, TALKS, 500)
            for talk in discussions.by_nums(tx, repo.id, nums[start : start + 500]).values()
        ]
        rows = [
            {
                "user_id": ada.user_id,
                "discussion_id": talk.id,
                "repo_id": repo.id,
                "repo_kind": repo.kind.value,
                "reason": "watched",
                "read": False,
                "first_event_id": talk.first_event_id,
                "first_event_at": now(),
                "event_id": talk.first_event_id,
                "updated_at": now(),
            }
            for talk in talks
        ]
        tx.sql.execute(sa.insert(told), rows)
    full = _median(partial(_unread, stores, ada))
    figures = {"ms_at_0": empty, f"ms_at_{len(rows)}": full}
    report("bell", target="under 1 ms", reached=full < 1, **figures)


def _telling(ours: Hub, stores: Stores) -> None:
    """Comment where nobody listens, and where 2,000 people do: they are told by a job, not by the request."""
    with stores.db.write() as tx:
        repo = repos.by_name(tx, *MANY)
        assert repo is not None
        people = [
            accounts.add_user(tx, f"watcher{n}", f"w{n}@example.org", password_hash="-").id
            for n in range(WATCHERS)
        ]
        rows = [{"user_id": one, "kind": "repo", "target_id": repo.id, "listens": True} for one in people]
        tx.sql.execute(sa.insert(watches), rows)
    few, many = (
        _median(
            partial(ours.call, "POST", f"/api/models/ada/{name}/discussions/2/comment", {"comment": "And?"})
        )
        for name in ("few", "many")
    )
    growth = many / few
    figures = {"ms_at_0": few, "ms_at_2000": many}
    report(
        "comment_told_to_many", target="at most 1.5 times", reached=growth <= 1.5, growth=growth, **figures
    )


def _deciding(stores: Stores, ada: Actor) -> None:
    """Count the statements of one decision about a repository: who is asking is known."""
    seen: list[str] = []
    with stores.db.read() as tx:
        sa.event.listen(tx.sql, "before_cursor_execute", lambda *args: seen.append(args[2]))
        repos.get_for(tx, ada, *MANY, Action.WRITE)
    report(
        "permission_decision",
        target="at most one indexed query",
        reached=len(seen) <= 1,
        statements=len(seen),
        us=_median(partial(_decide, stores, ada)) * 1000,
    )


def _settle(stores: Stores) -> None:
    """Let go of the jobs that filling the hub left: they would run beside what is measured."""
    with stores.db.write() as tx:
        tx.sql.execute(sa.delete(jobs).where(jobs.c.kind.startswith("community.")))


def _decide(stores: Stores, ada: Actor) -> None:
    with stores.db.read() as tx:
        repos.get_for(tx, ada, *MANY, Action.WRITE)


def _unread(stores: Stores, ada: Actor) -> None:
    with stores.db.read() as tx:
        notifications.unread(tx, ada)


def _get(url: str) -> None:
    with urllib.request.urlopen(url, timeout=60) as answer:
        answer.read()


def _median(run: Callable[[], object]) -> float:
    """Return milliseconds."""
    run()
    return statistics.median(_seconds(run) for _ in range(ROUNDS)) * 1000


def _seconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began
