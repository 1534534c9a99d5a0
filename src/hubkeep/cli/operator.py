"""What operators' commands share: they look at a hub that exists, and never upgrade or create one by the way."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hubkeep import accounts, migrations
from hubkeep.accounts import COMMAND_LINE, Actor
from hubkeep.cli.options import settings_of
from hubkeep.kit import Database, HubError, ReadTx, Settings
from hubkeep.kit.log import configure
from hubkeep.opening import open_stores
from hubkeep.repos import Stores

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")]


class NoHub(HubError):
    """There is nothing to look at."""

    status, text = 404, "There is no hub in {place}. Name its folder by --data or HUBKEEP_DATA."


class OtherSchema(HubError):
    """The hub was made by an older release."""

    status = 409
    text = "The hub is at revision {found}, this release needs {needed}: run `hubkeep db upgrade` first."


@contextmanager
def existing(data: Path | None) -> Iterator[Stores]:
    """Open the hub in `data` for one command. Raises NoHub, OtherSchema."""
    settings = settings_of(data=data)
    configure(settings.log_level, settings.log_format)
    found = revision(settings)
    if found is None:
        raise NoHub(place=settings.data)
    if found != migrations.head():
        raise OtherSchema(found=found, needed=migrations.head())
    settings.data.mkdir(mode=0o750, parents=True, exist_ok=True)  # of a node that keeps only caches in it
    stores = open_stores(settings)
    try:
        yield stores
    finally:
        stores.db.close()


def console() -> Console:
    """Return where people read; standard output is for what programs read."""
    return Console(stderr=True)


def size(count: int) -> str:
    """Return a number of bytes as people say it.

    >>> size(5_400_000)
    '5.4 MB'
    """
    amount, unit = float(count), "bytes"
    for following in ("kB", "MB", "GB", "TB", "PB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, following
    return f"{amount:.1f} {unit}" if unit != "bytes" else f"{count} bytes"


def revision(settings: Settings) -> str | None:
    """Return the revision of the hub's database, None when there is none yet."""
    db_file = settings.data / "hubkeep.sqlite3"
    if not settings.database_url and not db_file.exists():
        return None  # SQLite would create it
    db = Database(settings.sql_url)
    try:
        return migrations.current(db)
    finally:
        db.close()


def acting_for(tx: ReadTx, user: str) -> Actor:
    """Return somebody as who acts on what is theirs; the audit log says that it was by a command. Raises OwnerNotFound."""
    person = accounts.actor_of(tx, accounts.user_named(tx, user).id, can_write=True)
    return replace(person, origin=COMMAND_LINE.origin)
