"""An SQLite database with every table, as a copy of one that was made before: thirty times faster than making each anew."""

import tempfile
from pathlib import Path

import sqlalchemy as sa

from hubkeep.kit import Database
from hubkeep.kit.tables import metadata

_made: dict[frozenset[str], bytes] = {}


def with_tables(url: str) -> str:
    """Put every table of every room that was imported into a new SQLite database; return its address."""
    path = Path(sa.make_url(url).database or "")
    if path.exists():  # somebody opens it again
        _create(url)
    else:
        tables = frozenset(metadata.tables)
        if tables not in _made:
            with tempfile.TemporaryDirectory() as folder:
                _create(f"sqlite:///{folder}/made")
                _made[tables] = (Path(folder) / "made").read_bytes()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_made[tables])
    return url


def _create(url: str) -> None:
    db = Database(url)
    db.create_all()
    db.close()
