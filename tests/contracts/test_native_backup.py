"""A hub comes back from copies that the database's own tools and `rsync` made, in the order of docs/operating.md."""

import re
import shutil
import sqlite3
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from tests.contracts.test_backup import grow, make_hub, rows
from tests.tools import postgres
from typer.testing import CliRunner

from hubkeep import repos
from hubkeep.cli import app
from hubkeep.kit import Settings
from hubkeep.kit.keepsakes import keep
from hubkeep.opening import open_stores

PAGE = (Path(__file__).parents[2] / "docs" / "operating.md").read_text()


@pytest.fixture
def hub(url, tmp_path):
    made = make_hub(Settings(data=tmp_path / "data", database_url=url))
    yield made
    made.stores.db.close()


def copy_files(source: Path, target: Path) -> None:
    """What `rsync -a` does: nothing is deleted, what is there stays."""
    shutil.copytree(source, target, dirs_exist_ok=True)


def dump(url: str, target: Path) -> None:
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as source, sqlite3.connect(target) as copy:
            source.backup(copy)
        return
    tool = postgres.programs() / "pg_dump"
    subprocess.run([tool, "--format=custom", f"--file={target}", plain(url)], check=True)


def load(url: str, source: Path, request, tmp_path) -> str:
    """Put a dump into its place; return the address of the new database."""
    if url.startswith("sqlite"):
        (tmp_path / "new").mkdir(exist_ok=True)
        shutil.copy(source, tmp_path / "new" / "hubkeep.sqlite3")
        return ""
    made = postgres.make_database(request.getfixturevalue("postgres_socket"))
    subprocess.run([postgres.programs() / "pg_restore", f"--dbname={plain(made)}", source], check=True)
    return made


def plain(url: str) -> str:
    return re.sub(r"^postgresql\+\w+:", "postgresql:", url)


def test_files_rows_and_files_again_make_the_hub(hub, url, tmp_path, request, monkeypatch):
    kept, data = tmp_path / "kept", tmp_path / "data"
    copy_files(data / "blobs", kept / "blobs")
    grow(hub, "between-files-and-rows")
    dump(url, kept / "rows")
    before = rows(hub.stores.db)
    grow(hub, "after-the-rows")
    copy_files(data / "blobs", kept / "blobs")

    copy_files(kept / "blobs", tmp_path / "new" / "blobs")
    restored = load(url, kept / "rows", request, tmp_path)
    if restored:
        monkeypatch.setenv("HUBKEEP_DATABASE_URL", restored)
    done = CliRunner().invoke(app, ["db", "new-epoch", "--data", str(tmp_path / "new")])
    assert done.exit_code == 0, done.output
    stores = open_stores(Settings(data=tmp_path / "new", database_url=restored))
    try:
        assert rows(stores.db) == before
        assert keep(stores.db, "xet-epoch", "e1") not in ("", "e1")
        tally: Counter[str] = Counter()
        assert list(repos.fsck(stores, tally, deep=True)) == []
        assert tally["repositories"] == 2
        grow(type(hub)(stores, hub.ada, hub.eve), "goes-on")
        assert list(repos.fsck(stores, Counter(), deep=True)) == []
    finally:
        stores.db.close()


def test_the_page_tells_that_order():
    part = PAGE.partition("### With the database's own tools")[2].partition("\n## ")[0]
    steps = ["rsync -a", ".backup", "pg_dump", "rsync -a", "db new-epoch", "hubkeep fsck"]
    places = [part.index(steps[0]), *(part.rindex(step) for step in steps[1:])]
    assert places == sorted(places)
