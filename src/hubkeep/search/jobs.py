"""Work that the index leaves for later: reading cards, letting old days go, building itself anew."""

import logging
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from hubkeep import accounts, repos
from hubkeep.accounts import Actor
from hubkeep.kit import Database, HubError, Job, ReadTx, now
from hubkeep.kit.jobs import waiting
from hubkeep.repos import Info, Kind, Stores
from hubkeep.search.activity import active, expire, measured, settle
from hubkeep.search.card_words import plain_text
from hubkeep.search.features import document_of
from hubkeep.search.full_text import put_text
from hubkeep.search.index import drop, put
from hubkeep.search.people import put_person
from hubkeep.search.tables import documents

log = logging.getLogger(__name__)
READ_CARD, ROLL, REBUILD = "search.read_card", "search.roll", "search.rebuild"
DAY = 24 * 3600
MAX_CARD_BYTES = 1 << 20
_BATCH = 100  # repositories in one write transaction: others wait tens of milliseconds at most
_UPKEEP = Actor(
    name="hubkeep", is_admin=True
)  # reads every card for the index; who may see it is asked at the search


def start(db: Database) -> None:
    """Leave the work that must always be there: the daily roll, and the first build on a hub older than its index."""
    with db.read() as tx:
        missing = _missing(tx)
    if missing:
        with db.write() as tx:
            for kind in _missing(tx):
                tx.enqueue(Job(kind))


def read_card(stores: Stores, args: Mapping[str, Any]) -> None:
    """Read a repository's card for full-text search, and measure how many bytes the repository and its main branch take."""
    repo_id = int(args["repo_id"])
    with stores.db.read() as tx:
        seen = _info(tx, repo_id)
        text = _text(tx, stores, seen) if seen else ""
        size = _size(tx, stores, seen) if seen else None
    with stores.db.write() as tx:
        info = _info(tx, repo_id)
        if info is None or seen is None or info.repo.refs_version != seen.repo.refs_version:
            return  # gone, or pushed to meanwhile: that push left a job of its own
        put_text(tx, info, text)
        measured(tx, repo_id, used_storage=repos.used_storage(tx, repo_id), main_size=size)


def roll(stores: Stores, args: Mapping[str, Any]) -> None:
    """Once a day: let days older than the window go, from the counters too, and let trending scores fade."""
    del args
    today, after = now().date().toordinal(), 0
    while True:
        with stores.db.write() as tx:
            numbers = active(tx, after, _BATCH)
            settle(tx, expire(tx, numbers, today), today)
        if len(numbers) < _BATCH:
            break
        after = numbers[-1]
    with stores.db.write() as tx:
        if len(waiting(tx, ROLL)) <= 1:  # this one
            tx.enqueue(Job(ROLL, delay=_until_tomorrow()))


def rebuild(stores: Stores, args: Mapping[str, Any]) -> None:
    """Make the index say what the rows and cards say, while the hub goes on; what is right already is left alone."""
    del args
    numbers = _rebuild_documents(stores)
    _drop_strays(stores)
    after = 0
    while True:
        with stores.db.write() as tx:
            owners = accounts.every_owner(tx, after, _BATCH)
            for owner in owners:
                put_person(tx, owner)
        if len(owners) < _BATCH:
            break
        after = owners[-1].id
    for number in numbers:
        read_card(stores, {"repo_id": number})


HANDLERS = {READ_CARD: read_card, ROLL: roll, REBUILD: rebuild}


def _missing(tx: ReadTx) -> list[str]:
    empty = tx.sql.execute(sa.select(documents.c.repo_id).limit(1)).first() is None
    unbuilt = empty and any(True for _ in repos.every_info(tx, 0, 1))
    wanted = [ROLL, REBUILD] if unbuilt else [ROLL]
    return [kind for kind in wanted if not waiting(tx, kind)]


def _rebuild_documents(stores: Stores) -> list[int]:
    numbers: list[int] = []
    while True:
        with stores.db.write() as tx:
            infos = list(repos.every_info(tx, numbers[-1] if numbers else 0, _BATCH))
            put(tx, [document_of(info) for info in infos if not info.repo.disabled])
        numbers += [info.repo.id for info in infos]
        if len(infos) < _BATCH:
            return numbers


def _drop_strays(stores: Stores) -> None:
    """Take out repositories that are gone, should any be left."""
    after, size = 0, 1000
    while True:
        with stores.db.read() as tx:
            page = sa.select(documents.c.repo_id).where(documents.c.repo_id > after)
            known = list(tx.sql.execute(page.order_by(documents.c.repo_id).limit(size)).scalars())
            gone = sorted(set(known) - repos.names_of(tx, known).keys())
        if gone:
            with stores.db.write() as tx:
                for number in gone:
                    drop(tx, number)
        if len(known) < size:
            return
        after = known[-1]


def _info(tx: ReadTx, repo_id: int) -> Info | None:
    return next(iter(repos.infos(tx, repos.repos_by_id(tx, [repo_id]))), None)


def _text(tx: ReadTx, stores: Stores, info: Info) -> str:
    """Return what is searched: the card as people read it, and the program of a Space."""
    repo = info.repo
    try:
        with repos.snapshot(tx, _UPKEEP, stores, repo.kind, repo.full_name, None) as at:
            card = plain_text(_file(tx, stores, at, "README.md"))
            if repo.kind is not Kind.SPACE or repo.gated:  # a search shows what it found
                return card
            app = info.metadata.card_data.get("app_file")
            return f"{card}\n{_file(tx, stores, at, app if isinstance(app, str) else 'app.py')}".strip()
    except HubError:
        return ""  # no commit, no branch, or closed by an operator


def _size(tx: ReadTx, stores: Stores, info: Info) -> int | None:
    """Return the bytes of all files on the default branch, None where none can be read."""
    repo = info.repo
    try:
        return repos.tree_size(tx, _UPKEEP, stores, repo.kind, repo.full_name, repo.default_branch, "")
    except HubError:
        return None  # likewise


def _file(tx: ReadTx, stores: Stores, at: repos.Snapshot, path: str) -> str:
    try:
        file = repos.find_file(tx, at.repo.id, at.reader, at.oid, path)
        pieces = repos.read_bytes(stores, at.reader, file, 0, min(file.size, MAX_CARD_BYTES))
        return b"".join(pieces).decode("utf-8", "replace").replace("\0", " ")
    except HubError:
        return ""


def _until_tomorrow() -> float:
    moment = now()
    return DAY - (moment.hour * 3600 + moment.minute * 60 + moment.second) + 600
