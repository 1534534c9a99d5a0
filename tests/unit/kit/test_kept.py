"""Answers kept between writes are never stale."""

import threading

import pytest
import sqlalchemy as sa

from hubkeep.kit import Database
from hubkeep.kit.tables import keepsakes


@pytest.fixture
def db(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/hub.sqlite3")
    database.create_all()
    with database.write() as tx:
        tx.sql.execute(sa.insert(keepsakes).values(name="n", value="0"))
    yield database
    database.close()


def value(tx) -> str:
    return str(tx.sql.execute(sa.select(keepsakes.c.value).where(keepsakes.c.name == "n")).scalar_one())


def write(db, text: str) -> None:
    with db.write() as tx:
        tx.sql.execute(sa.update(keepsakes).values(value=text))


def asked(db, reads: list) -> str:
    with db.read() as tx:

        def read() -> str:
            reads.append(1)
            return value(tx)

        return str(tx.keep("n", read))


def test_an_answer_is_read_once_until_anybody_writes(db):
    reads: list = []
    assert [asked(db, reads), asked(db, reads)] == ["0", "0"]
    assert len(reads) == 1
    write(db, "1")
    assert asked(db, reads) == "1"
    assert len(reads) == 2


def test_a_write_of_another_program_counts_too(db, tmp_path):
    reads: list = []
    asked(db, reads)
    other = Database(str(db.url))
    write(other, "2")
    other.close()
    assert asked(db, reads) == "2"


def test_what_was_read_from_an_old_view_is_not_kept(db):
    with db.read() as tx:
        assert value(tx) == "0"  # the view begins here
        write(db, "1")
        assert tx.keep("n", lambda: value(tx)) == "0"  # one transaction sees one moment
    assert asked(db, []) == "1"


def test_a_write_transaction_always_reads(db):
    asked(db, [])
    with db.write() as tx:
        tx.sql.execute(sa.update(keepsakes).values(value="3"))
        assert tx.keep("n", lambda: value(tx)) == "3"


def test_a_transaction_that_asks_nothing_opens_nothing(db):
    asked(db, [])
    seen: list = []
    sa.event.listen(db._reader, "checkout", lambda *_: seen.append(1))
    assert asked(db, []) == "0"
    assert seen == []


def test_nobody_ever_sees_less_than_was_committed_before_they_asked(db):
    """Writers count up; a reader must never get a number below one whose commit it has seen return."""
    committed, wrong, stop = [0], [], threading.Event()

    def count() -> None:
        for number in range(1, 150):
            write(db, str(number))
            committed[0] = number
        stop.set()

    def look() -> None:
        while not stop.is_set():
            least = committed[0]
            if int(asked(db, [])) < least:
                wrong.append(least)

    threads = [threading.Thread(target=work) for work in (count, look, look, look)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
