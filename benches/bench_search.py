"""Finding among ten thousand and a million repositories: what a page costs, and how that grows. SQLite and PostgreSQL.

Beside wall time every row has `cpu_ms`, the processor's time that one question takes on average, here and in the database:
on a machine that does other things too, it is the figure that stays the same.

Environment: HUBKEEP_BENCH_REPOS is the size of the large hub (1,000,000 unless set), HUBKEEP_BENCH_DATABASES which databases
are asked (`sqlite,postgresql`).
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from benches.rig.report import percentile, report
from tests.tools import postgres

from hubkeep import accounts, repos, search
from hubkeep.accounts import STRANGER, TokenRole
from hubkeep.demo.many import many
from hubkeep.kit import Settings
from hubkeep.opening import open_stores, prepare
from hubkeep.repos import Kind, NewRepo, Stores
from hubkeep.search import Query

SMALL, LARGE = 10_000, int(os.environ.get("HUBKEEP_BENCH_REPOS", "1000000"))
DATABASES = os.environ.get("HUBKEEP_BENCH_DATABASES", "sqlite,postgresql").split(",")
PAGE, ROUNDS, DEEP = 30, 40, 100
P50_MS, P99_MS, GROWTH, FACETS_MS, PUSH_MS = 10.0, 50.0, 3.0, 50.0, 50.0
NEAR_NOTHING_MS = 3.0  # what is as cheap as this is not compared: on a small hub, nothing may match at all

M = Kind.MODEL
# Two tags and a piece of a name, sorted by downloads: tags that half of all have, that few have, that seldom meet.
LISTS = {
    "popular tags, common word": Query(
        M, tags=["transformers", "license:apache-2.0"], search=["bert"], sort="downloads"
    ),
    "popular and rare tag, word": Query(
        M, tags=["safetensors", "license:gpl-3.0"], search=["lama"], sort="downloads"
    ),
    "tags that seldom meet": Query(
        M, tags=["stable-baselines3", "safetensors"], search=["ppo"], sort="downloads"
    ),
    "popular tags, two letters": Query(M, tags=["transformers", "en"], search=["b-"], sort="downloads"),
    "popular tags, rare word": Query(M, tags=["transformers", "pytorch"], search=["-zz"], sort="downloads"),
    "no filter": Query(M, sort="downloads"),
    "by modification": Query(M, tags=["transformers", "en"], search=["bert"], sort="lastModified"),
}
NARROWED = {
    "no filter": Query(M),
    "two tags": Query(M, tags=["transformers", "license:mit"]),
    "tag and word": Query(M, tags=["pytorch"], search=["bert"]),
    "word": Query(M, search=["sentiment"]),
}


def main(folder: Path) -> None:
    """Ask both hubs of every database the same."""
    for database in DATABASES:
        with _urls(database, folder) as (small, large):
            hubs = [(SMALL, _hub(folder / f"{database}-small", small, SMALL, database))]
            hubs.append((LARGE, _hub(folder / f"{database}-large", large, LARGE, database)))
            _lists(database, hubs)
            _facets(database, hubs)
            _others(database, hubs)
            _pushes(database, hubs)
            for _, stores in hubs:
                stores.db.close()


@contextmanager
def _urls(database: str, folder: Path) -> Iterator[tuple[str, str]]:
    if database == "sqlite":
        (folder / "sqlite-small").mkdir(parents=True)
        (folder / "sqlite-large").mkdir(parents=True)
        yield "", ""
        return
    with postgres.serving() as socket:
        yield postgres.make_database(socket), postgres.make_database(socket)


def _hub(folder: Path, url: str, size: int, database: str) -> Stores:
    """Make a hub of that size, and say how long it took."""
    settings = Settings(data=folder, database_url=url)
    prepare(settings)
    stores = open_stores(settings)
    start = time.perf_counter()
    many(stores, size)
    seconds = time.perf_counter() - start
    report(
        "search_demo",
        target="a few minutes for a million",
        reached=seconds < 300,
        database=database,
        repos=size,
        s=seconds,
    )
    return stores


def _lists(database: str, hubs: list[tuple[int, Stores]]) -> None:
    for name, query in LISTS.items():
        for number in (1, DEEP):
            times = [_page(stores, query, number) for _, stores in hubs]
            _report("search_list", database, times, what=name, page=number)


def _page(stores: Stores, query: Query, number: int) -> "Times":
    """Time one page; the way to it is not timed."""
    asked, skipped = replace(query, limit=PAGE), 0
    while skipped < (number - 1) * PAGE:
        step = min((number - 1) * PAGE - skipped, search.MAX_LIMIT)
        after = _ask(stores, search.listing, replace(query, limit=step, after=asked.after)).next
        if after is None:
            break
        asked, skipped = replace(asked, after=after), skipped + step
    return _times(stores, lambda: _ask(stores, search.listing, asked))


def _facets(database: str, hubs: list[tuple[int, Stores]]) -> None:
    for name, query in NARROWED.items():
        times = [_facet_times(stores, query) for _, stores in hubs]
        p50 = times[-1].p50
        figures = {
            "what": name,
            "ms_small": times[0].p50,
            "p50_ms": p50,
            "first_ms": times[-1].ms[0],
            "cpu_ms": times[-1].cpu_ms,
        }
        report(
            "search_facets",
            target=f"p50 under {FACETS_MS:.0f} ms",
            reached=p50 < FACETS_MS,
            database=database,
            **figures,
        )


def _facet_times(stores: Stores, query: Query) -> "Times":
    """Time questions that differ, so that no kept answer helps; the sets that they are counted with may be kept."""
    from hubkeep.search.facets import _answers  # noqa: PLC0415  what is measured is a question not asked before

    def once() -> None:
        _answers.forget()
        _ask(stores, search.facets, query)

    return _times(stores, once, warm=0)


def _others(database: str, hubs: list[tuple[int, Stores]]) -> None:
    for name, text in (("common", "bert"), ("two letters", "be"), ("rare", "zzz"), ("owner", "wolf")):
        times = [_times(stores, partial(_ask, stores, search.suggest, text)) for _, stores in hubs]
        _report("search_quick", database, times, what=name)
    times = [_times(stores, partial(_ask, stores, search.tags_by_type, Kind.MODEL)) for _, stores in hubs]
    _report("search_tags_by_type", database, times, what="models")


def _pushes(database: str, hubs: list[tuple[int, Stores]]) -> None:
    """Time what a push costs in the index, as the difference of writing the same with and without it."""
    times = [_push_times(stores) for _, stores in hubs]
    p50 = times[-1].p50
    figures = {
        "ms_small": times[0].p50,
        "p50_ms": p50,
        "p99_ms": percentile(times[-1].ms, 0.99),
        "cpu_small_ms": times[0].cpu_ms,
        "cpu_ms": times[-1].cpu_ms,
    }
    target = f"p50 under {PUSH_MS:.0f} ms whatever the size"
    report("search_push", target=target, reached=p50 < PUSH_MS, database=database, **figures)


def _push_times(stores: Stores) -> "Times":
    with stores.db.write() as tx:
        user = accounts.add_user(tx, "bench")
        accounts.add_token(tx, user.id, "bench", TokenRole.WRITE)
        actor = accounts.actor_of(tx, user.id, can_write=True)
    repo = repos.create(stores, actor, NewRepo(Kind.MODEL, "bench", "pushed"))
    tags = iter(range(10_000))

    def once() -> None:
        from hubkeep.search.features import document_of  # noqa: PLC0415  the event's own work, timed alone
        from hubkeep.search.index import put  # noqa: PLC0415

        with stores.db.write() as tx:
            (info,) = repos.infos(tx, repos.repos_by_id(tx, [repo.id]))
            changed = replace(
                info.repo, last_modified=info.repo.last_modified.replace(microsecond=next(tags))
            )
            said = repos.Metadata(tags=["pytorch", f"tag-{next(tags)}", "license:mit", "en"])
            put(tx, [document_of(replace(info, repo=changed, metadata=said))])

    return _times(stores, once)


def _ask(stores: Stores, verb: Callable[..., Any], *args: Any) -> Any:
    with stores.db.read() as tx:
        return verb(tx, STRANGER, *args)


@dataclass(frozen=True)
class Times:
    """Wall time of every round in milliseconds, in order; processor time of one round on average."""

    ms: list[float]
    cpu_ms: float

    @property
    def p50(self) -> float:
        """The median."""
        return statistics.median(self.ms)


def _times(stores: Stores, run: Callable[[], object], warm: int = 3) -> Times:
    for _ in range(warm):
        run()
    times, before = [], _cpu(stores)
    for _ in range(ROUNDS):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1000)
    return Times(times, (_cpu(stores) - before) * 1000 / ROUNDS)


def _cpu(stores: Stores) -> float:
    """Return the seconds on a processor, of this process and of the server process that it talks to."""
    with stores.db.read() as tx:
        if tx.sql.dialect.name == "sqlite":
            return time.process_time()
        pid = tx.sql.exec_driver_sql("SELECT pg_backend_pid()").scalar()
    there = int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
    return time.process_time() + there / 1e9


def _report(bench: str, database: str, times: list[Times], **asked: Any) -> None:
    small, large = times[0], times[-1]
    p50, p99 = large.p50, percentile(large.ms, 0.99)
    growth = p50 / small.p50
    report(
        bench,
        target=f"p50 under {P50_MS:.0f} ms, p99 under {P99_MS:.0f} ms, growth at most {GROWTH:.0f}",
        reached=p50 < P50_MS and p99 < P99_MS and (growth <= GROWTH or p50 < NEAR_NOTHING_MS),
        database=database,
        **asked,
        ms_small=small.p50,
        p50_ms=p50,
        p99_ms=p99,
        growth=growth,
        cpu_small_ms=small.cpu_ms,
        cpu_ms=large.cpu_ms,
    )
