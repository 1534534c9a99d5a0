"""The commands that operators' scripts rely on: words, exit codes, JSON."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from hubkeep import accounts, migrations, repos
from hubkeep.cli import app
from hubkeep.cli.options import opened
from hubkeep.kit import HubError
from hubkeep.repos import Kind, NewRepo


@dataclass
class Commands:
    """Runs `hubkeep …` on a data folder."""

    data: Path

    def __call__(self, *arguments: str, code: int = 0):
        got = CliRunner().invoke(app, [*arguments, "--data", str(self.data)])
        assert got.exit_code == code, got.output
        return got


@pytest.fixture
def hubkeep(tmp_path):
    return Commands(tmp_path / "data")


@pytest.fixture
def full(hubkeep):
    """A hub with one repository."""
    with opened(hubkeep.data) as stores:
        with stores.db.write() as tx:
            ada = accounts.add_user(tx, "ada", "ada@example.org")
        with stores.db.read() as tx:
            actor = accounts.actor_of(tx, ada.id, True)
        repos.create(stores, actor, NewRepo(Kind.MODEL, "ada", "bert"))
    return hubkeep


def test_db_upgrade_makes_the_schema_and_says_so(hubkeep):
    assert f"applied {migrations.head()}" in hubkeep("db", "upgrade").output
    assert "nothing to do" in hubkeep("db", "upgrade").output
    assert hubkeep("db", "status").stdout == f"database {migrations.head()}, release {migrations.head()}\n"


@pytest.mark.parametrize("command", [["fsck"], ["gc"], ["backup", "target"]])
def test_operators_look_at_a_hub_that_exists_and_never_make_one(hubkeep, command):
    got = hubkeep(*command, code=1)
    assert isinstance(got.exception, HubError)
    assert "There is no hub in" in str(got.exception)
    assert not hubkeep.data.exists()


def test_operators_do_not_upgrade_by_the_way(full):
    with opened(full.data) as stores, stores.db.write() as tx:
        tx.sql.execute(sa.text("DELETE FROM alembic_version"))
        tx.sql.execute(sa.text("INSERT INTO alembic_version VALUES ('0000')"))
    assert isinstance(full("fsck", code=1).exception, HubError)


def test_fsck_of_a_healthy_hub_exits_0(full):
    assert "no damage" in full("fsck").output
    told = json.loads(full("fsck", "--json", "--deep").stdout)
    assert told["damage"] == []
    assert told["checked"]["repositories"] == 1


def test_fsck_of_a_damaged_hub_exits_1_and_names_what_is_damaged(full):
    next((full.data / "blobs" / "git").rglob("*.pack")).unlink()
    assert "ada/bert" in full("fsck", code=1).output
    (first, *_) = json.loads(full("fsck", "--json", code=1).stdout)["damage"]
    assert first["where"] == "model ada/bert"
    assert "missing" in first["what"]


def test_gc_tells_what_went(full):
    assert "would go" in full("gc", "--dry-run").output
    assert "gone" in full("gc").output
    told = json.loads(full("gc", "--json", "--dry-run").stdout)
    assert (told["dry_run"], told["bytes"], told["pack_files"]) == (True, 0, 0)


def test_a_hub_comes_back_from_its_backup(full, tmp_path):
    assert "no damage" in full("backup", str(tmp_path / "backup"), "--verify").output
    assert sorted(path.name[:5] for path in (tmp_path / "backup").iterdir()) == [
        ".lock",
        "blobs",
        "hubke",
        "rows-",
    ]
    got = CliRunner().invoke(app, ["restore", str(tmp_path / "backup"), "--data", str(tmp_path / "new")])
    assert got.exit_code == 0, got.output
    assert "no damage" in got.output
    with opened(tmp_path / "new") as stores, stores.db.read() as tx:
        assert [user.name for user in accounts.list_users(tx)] == ["ada"]


def test_restore_writes_over_nothing(full, tmp_path):
    full("backup", str(tmp_path / "backup"))
    got = full("restore", str(tmp_path / "backup"), code=1)
    assert "is not empty" in str(got.exception)
