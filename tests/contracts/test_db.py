"""What the database promises, asked of SQLite and of PostgreSQL."""

import subprocess
import sys
import threading
import time
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from hubkeep.kit import BadInput, Database, Event, Job, now
from hubkeep.kit.jobs import NEVER, Worker, waiting
from hubkeep.kit.keepsakes import keep, replace, secret
from hubkeep.kit.settings import JobSettings
from hubkeep.kit.tables import insert_missing, jobs, keepsakes

COUNT_UP = """
import sys, sqlalchemy as sa
from hubkeep.kit import Database
from hubkeep.kit.tables import keepsakes
db = Database(sys.argv[1])
for _ in range(int(sys.argv[2])):
    with db.write() as tx:
        value = int(tx.sql.execute(sa.select(keepsakes.c.value).where(keepsakes.c.name == "n").with_for_update()).scalar())
        tx.sql.execute(sa.update(keepsakes).where(keepsakes.c.name == "n").values(value=str(value + 1)))
"""
KEEP = "import sys; from hubkeep.kit import Database; from hubkeep.kit.keepsakes import secret; "
KEEP += "db = Database(sys.argv[1]); db.create_all(); print(secret(db, 'signing'))"


@dataclass(frozen=True)
class Happened(Event):
    number: int


@pytest.fixture
def db(open_db):
    made = open_db()
    made.create_all()
    return made


def put(tx, name, value="0"):
    tx.sql.execute(sa.insert(keepsakes).values(name=name, value=value))


def value_of(tx, name):
    return tx.sql.execute(sa.select(keepsakes.c.value).where(keepsakes.c.name == name)).scalar()


def fail_after(db, do):
    with db.write() as tx:
        do(tx)
        raise ZeroDivisionError


def queued(db):
    with db.read() as tx:
        return [
            (row.kind, row.attempts, row.error) for row in tx.sql.execute(sa.select(jobs).order_by(jobs.c.id))
        ]


def enqueue(db, *made, **more):
    with db.write() as tx:
        for job in made or [Job("test.do", **more)]:
            tx.enqueue(job)


def test_a_read_transaction_cannot_write(db):
    with pytest.raises(sa.exc.DBAPIError), db.read() as tx:
        put(tx, "n")
    with db.read() as tx:
        assert value_of(tx, "n") is None


def test_a_write_transaction_can_write_after_a_read_transaction_of_the_same_thread(db):
    for _ in range(3):
        with db.read() as tx:
            value_of(tx, "n")
        with db.write() as tx:
            tx.sql.execute(sa.delete(keepsakes))
            put(tx, "n")


def test_a_write_transaction_is_all_or_nothing(db):
    with pytest.raises(ZeroDivisionError):
        fail_after(db, lambda tx: (put(tx, "a"), put(tx, "b")))
    with db.read() as tx:
        assert (value_of(tx, "a"), value_of(tx, "b")) == (None, None)
    with db.write() as tx:
        put(tx, "a")


def test_a_write_transaction_inside_another_is_an_error_not_a_deadlock(db):
    with pytest.raises(RuntimeError, match="open in this thread"), db.write(), db.write():
        pass
    with db.write() as tx:
        put(tx, "a")


def test_a_reader_sees_one_moment_while_others_write(db):
    with db.write() as tx:
        put(tx, "n")
    with db.read() as reader:
        assert value_of(reader, "n") == "0"
        with db.write() as tx:
            replace(tx, "n", "1")
        assert value_of(reader, "n") == "0"
    with db.read() as reader:
        assert value_of(reader, "n") == "1"


def kept(tx):
    return tx.keep("n", lambda: value_of(tx, "n"))


def test_a_kept_answer_is_never_newer_than_what_its_reader_sees(db):
    with db.write() as tx:
        put(tx, "n")
    with db.read() as reader:
        assert value_of(reader, "other") is None
        with db.write() as tx:
            replace(tx, "n", "1")
        with db.read() as later:
            assert (kept(later), kept(later)) == ("1", "1")
        assert kept(reader) == "0"
    with db.read() as reader:
        assert kept(reader) == "1"


def test_a_kept_answer_is_never_older_than_what_another_node_wrote(open_db, db):
    other = open_db()
    with db.write() as tx:
        put(tx, "n")
    for number in range(5):
        with other.write() as tx:
            replace(tx, "n", str(number))
        for _ in range(2):
            with db.read() as reader:
                assert kept(reader) == str(number)


def test_a_reader_never_waits_for_a_writer(db):
    with db.write() as tx:
        put(tx, "n")
        with db.read() as reader:
            assert value_of(reader, "n") is None


def test_many_threads_counting_up_lose_nothing(db, url):
    with db.write() as tx:
        put(tx, "n")

    def count() -> None:
        for _ in range(25):
            with db.write() as tx:
                current = sa.select(keepsakes.c.value).where(keepsakes.c.name == "n").with_for_update()
                replace(tx, "n", str(int(str(tx.sql.execute(current).scalar())) + 1))

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.read() as tx:
        assert value_of(tx, "n") == "200"


def test_several_processes_counting_up_lose_nothing(db, url):
    with db.write() as tx:
        put(tx, "n")
    running = [subprocess.Popen([sys.executable, "-c", COUNT_UP, url, "100"]) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    with db.read() as tx:
        assert value_of(tx, "n") == "300"


def test_processes_that_open_a_new_database_together_agree_on_its_secrets(url):
    if url.startswith(
        "postgresql"
    ):  # creating tables together is what migrations are for (test_migrations.py)
        first = Database(url)
        first.create_all()
        first.close()
    command = [sys.executable, "-c", KEEP, url]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    secrets = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert len(set(secrets)) == 1


def test_a_writer_killed_in_the_middle_leaves_nothing_and_blocks_nobody(db, url):
    code = COUNT_UP.replace("scalar())", 'scalar()); print("in", flush=True); import time; time.sleep(60)')
    with db.write() as tx:
        put(tx, "n")
    with subprocess.Popen([sys.executable, "-c", code, url, "1"], stdout=subprocess.PIPE) as dying:
        assert dying.stdout is not None
        assert dying.stdout.readline() == b"in\n"
        dying.kill()
    with db.write() as tx:  # and waits for nothing: the dead held the only lock
        assert value_of(tx, "n") == "0"
        replace(tx, "n", "7")


def test_events_reach_their_listeners_inside_the_transaction(db):
    db.bus.on(Happened, lambda tx, event: put(tx, f"event{event.number}"))
    with pytest.raises(ZeroDivisionError):
        fail_after(db, lambda tx: tx.emit(Happened(1)))
    with db.write() as tx:
        tx.emit(Happened(2))
    with db.read() as tx:
        assert (value_of(tx, "event1"), value_of(tx, "event2")) == (None, "0")


def test_a_listener_that_fails_takes_everything_back(db):
    db.bus.on(Happened, lambda _tx, event: 1 // event.number)
    db.bus.on(Happened, lambda tx, _event: put(tx, "never"))
    with pytest.raises(ZeroDivisionError):
        fail_after(db, lambda tx: (put(tx, "n"), tx.emit(Happened(0))))
    with db.read() as tx:
        assert value_of(tx, "n") is None


def test_a_job_exists_only_if_its_transaction_commits(db):
    with pytest.raises(ZeroDivisionError):
        fail_after(db, lambda tx: tx.enqueue(Job("test.do")))
    assert queued(db) == []
    enqueue(db)
    assert queued(db) == [("test.do", 0, None)]


def test_a_moment_comes_back_as_it_went_in(db):
    moment = datetime(2026, 7, 1, 12, 30, 15, 123456, tzinfo=timezone(timedelta(hours=5)))
    with db.write() as tx:
        tx.sql.execute(sa.insert(jobs).values(kind="k", args="{}", run_at=moment, attempts=0))
    with db.read() as tx:
        (got,) = tx.sql.execute(sa.select(jobs.c.run_at)).one()
        found = tx.sql.execute(sa.select(jobs.c.id).where(jobs.c.run_at == moment)).all()
    assert got == moment
    assert got.tzinfo is UTC
    assert len(found) == 1


def test_a_moment_without_a_zone_is_refused(db):
    with pytest.raises(sa.exc.StatementError, match="time zone"), db.write() as tx:
        tx.sql.execute(sa.insert(jobs).values(kind="k", args="{}", run_at=datetime(2026, 1, 1), attempts=0))  # noqa: DTZ001


def test_missing_rows_are_inserted_and_others_left_alone(db):
    with db.write() as tx:
        put(tx, "a", "first")
        rows = [{"name": "a", "value": "second"}, {"name": "b", "value": "third"}]
        assert insert_missing(tx.sql, keepsakes, rows) == 1
        assert insert_missing(tx.sql, keepsakes, []) == 0
    with db.read() as tx:
        assert (value_of(tx, "a"), value_of(tx, "b")) == ("first", "third")


def test_a_keepsake_is_kept_until_it_is_replaced(db):
    assert keep(db, "epoch", "e1") == "e1"
    assert keep(db, "epoch", "e2") == "e1"
    with db.write() as tx:
        replace(tx, "epoch", "e3")
    assert keep(db, "epoch", "e2") == "e3"
    assert len(secret(db, "signing")) == 43
    assert secret(db, "signing") == secret(db, "signing")


def test_nodes_that_keep_together_agree(open_db, db):
    found, nodes = [], [open_db() for _ in range(6)]
    threads = [threading.Thread(target=lambda node=node: found.append(secret(node, "s"))) for node in nodes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1


def test_a_job_runs_once_and_is_gone(db):
    seen: list[object] = []
    enqueue(db, args={"n": 1})
    worker = Worker(db, {"test.do": seen.append})
    assert worker.run_one()
    assert not worker.run_one()
    assert seen == [{"n": 1}]
    assert queued(db) == []


def test_jobs_run_in_the_order_in_which_they_are_due(db):
    seen = []
    delays = {1: -60, 2: -120, 3: 3600}
    enqueue(db, *[Job("test.do", {"n": n}, delay=delay) for n, delay in delays.items()])
    worker = Worker(db, {"test.do": lambda args: seen.append(args["n"])})
    while worker.run_one():
        pass
    assert seen == [2, 1]


def test_a_job_of_an_unknown_kind_waits_for_somebody_who_knows_it(db):
    enqueue(db)
    assert not Worker(db, {"test.other": print}).run_one()
    assert queued(db) == [("test.do", 0, None)]


def test_several_workers_run_every_job_exactly_once(open_db, db):
    enqueue(db, *[Job("test.do", {"n": n}) for n in range(60)])
    seen: list[int] = []
    workers = [Worker(open_db(), {"test.do": lambda args: seen.append(args["n"])}) for _ in range(3)]
    threads = [threading.Thread(target=worker.run_forever, args=(0.05,)) for worker in workers]
    for thread in threads:
        thread.start()
    wait_until(lambda: queued(db) == [])
    for worker in workers:
        worker.stop()
    for thread in threads:
        thread.join()
    assert sorted(seen) == list(range(60))


def test_a_job_that_fails_is_tried_again_later_and_later(db):
    enqueue(db)
    worker = Worker(db, {"test.do": lambda _: 1 // 0})
    waits = []
    for _ in range(3):
        assert worker.run_one()
        with db.write() as tx:
            waits.append(
                round((tx.sql.execute(sa.select(jobs.c.run_at)).scalar_one() - now()).total_seconds())
            )
            tx.sql.execute(sa.update(jobs).values(run_at=now()))
    assert waits == [2, 4, 8]
    assert queued(db) == [("test.do", 3, "ZeroDivisionError: integer division or modulo by zero")]


def test_a_job_that_fails_every_time_is_given_up_and_kept(db):
    enqueue(db)
    worker = Worker(db, {"test.do": lambda _: 1 // 0}, JobSettings(max_attempts=1))
    assert worker.run_one()
    with db.read() as tx:
        assert tx.sql.execute(sa.select(jobs.c.run_at)).scalar_one() == NEVER
        assert waiting(tx, "test.do") == []
    assert not worker.run_one()


def test_a_job_whose_worker_died_runs_again_when_its_lease_is_over(db):
    enqueue(db)
    assert Worker(db, {"test.do": print}, JobSettings(lease_seconds=5))._claim() is not None
    other = Worker(db, {"test.do": print})
    assert not other.run_one()
    with db.write() as tx:
        tx.sql.execute(sa.update(jobs).values(run_at=now()))
    assert other.run_one()
    assert queued(db) == []


def test_a_job_that_kills_its_workers_is_given_up(db):
    enqueue(db)
    worker = Worker(db, {"test.do": print}, JobSettings(max_attempts=2))
    for _ in range(2):
        assert worker._claim() is not None
        worker._running.clear()
        with db.write() as tx:
            tx.sql.execute(sa.update(jobs).values(run_at=now()))
    assert not worker.run_one()
    assert queued(db) == [("test.do", 2, "its worker died every time")]


def test_a_worker_that_lost_its_lease_does_not_undo_the_work_of_the_next(db):
    enqueue(db)
    slow = Worker(db, {"test.do": lambda _: steal()})

    def steal() -> None:
        with db.write() as tx:
            tx.sql.execute(sa.update(jobs).values(attempts=2))  # somebody else claimed it meanwhile

    assert slow.run_one()
    assert queued(db) == [("test.do", 2, None)]


def test_a_long_job_keeps_its_lease(open_db, db):
    enqueue(db)
    ended = threading.Event()
    worker = Worker(db, {"test.do": lambda _: ended.wait(120)}, JobSettings(lease_seconds=5))
    thread = threading.Thread(target=worker.run_forever, args=(0.05,))
    thread.start()
    wait_until(lambda: queued(db)[0][1] == 1)
    taken = lease_of(db)
    wait_until(lambda: lease_of(db) > taken)
    renewed = lease_of(db)
    wait_until(lambda: lease_of(db) > renewed)
    assert not Worker(open_db(), {"test.do": print}).run_one()
    ended.set()
    worker.stop()
    thread.join()
    assert queued(db) == []


def test_a_worker_told_to_stop_ends_the_job_in_hand_and_starts_no_other(db):
    enqueue(db, *[Job("test.do", {"n": n}) for n in range(10)])
    started, may_end, done = threading.Event(), threading.Event(), []

    def work(args) -> None:
        started.set()
        may_end.wait(60)
        done.append(args["n"])

    worker = Worker(db, {"test.do": work}, JobSettings(threads=1))
    thread = threading.Thread(target=worker.run_forever)
    thread.start()
    assert started.wait(60)
    worker.stop()
    may_end.set()
    thread.join(60)
    assert done == [0]
    assert len(queued(db)) == 9


def test_no_more_of_a_kind_run_at_once_than_allowed(db):
    enqueue(db, *[Job("test.heavy") for _ in range(6)], *[Job("test.light") for _ in range(6)])
    running, most, lock = 0, 0, threading.Lock()
    light: list[object] = []
    two = threading.Event()

    def heavy(_args) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        if most == 2:
            two.set()
        two.wait(60)
        time.sleep(0.05)  # a third has time to come
        with lock:
            running -= 1

    handlers = {"test.heavy": heavy, "test.light": light.append}
    worker = Worker(db, handlers, JobSettings(threads=4), at_most={"test.heavy": 2})
    thread = threading.Thread(target=worker.run_forever, args=(0.05,))
    thread.start()
    wait_until(lambda: queued(db) == [])
    worker.stop()
    thread.join()
    assert most == 2
    assert len(light) == 6


def test_a_job_left_by_this_process_starts_at_once(db):
    seen = threading.Event()
    worker = Worker(db, {"test.do": lambda _: seen.set()})
    thread = threading.Thread(target=worker.run_forever, args=(3600,))
    thread.start()
    time.sleep(0.2)
    enqueue(db)
    assert seen.wait(60)
    worker.stop()
    thread.join(60)
    assert not thread.is_alive()


@pytest.mark.parametrize("wrong", ["sqlite://", "sqlite:///:memory:", "mysql://host/db"])
def test_a_database_that_cannot_keep_the_promises_is_refused(wrong):
    with pytest.raises(ValueError, match="database_url"):
        Database(wrong)


def test_the_usual_names_of_postgresql_mean_our_driver():
    assert Database("postgresql://me@host/hub").url.drivername == "postgresql+psycopg"


def lease_of(db):
    with db.read() as tx:
        return tx.sql.execute(sa.select(jobs.c.run_at)).scalar_one()


def wait_until(true, seconds=60.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def test_text_that_no_database_can_hold_is_bad_input(db):
    with pytest.raises(BadInput, match="surrogate"), db.read() as tx:
        value_of(tx, "half \ud800")
    with pytest.raises(BadInput, match="null") if _on_postgres(db) else nullcontext(), db.read() as tx:
        value_of(tx, "null \0")


def test_a_number_that_no_database_can_hold_is_bad_input(db):
    with pytest.raises(BadInput, match="number"), db.read() as tx:
        tx.sql.execute(sa.select(jobs.c.id).where(jobs.c.id == 1 << 80))


def _on_postgres(db):
    return db.url.get_backend_name() == "postgresql"
