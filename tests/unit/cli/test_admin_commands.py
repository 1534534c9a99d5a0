"""Users, organizations, repositories, jobs and the audit log, by commands."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.unit.cli.test_operators import Commands

from hubkeep import accounts, repos
from hubkeep.cli.options import opened
from hubkeep.cli.sizes import limit_of
from hubkeep.kit import BadInput, HubError, Job, now
from hubkeep.kit.jobs import NEVER
from hubkeep.kit.tables import jobs
from hubkeep.repos import Kind, NewRepo


@pytest.fixture
def hubkeep(tmp_path):
    """A hub with ada, acme, and repositories of theirs."""
    made = Commands(tmp_path / "data")
    with opened(made.data) as stores:
        with stores.db.write() as tx:
            ada = accounts.add_user(tx, "ada", "ada@example.org")
            accounts.add_org(tx, "acme", {"ada": accounts.Role.ADMIN})
        with stores.db.read() as tx:
            actor = accounts.actor_of(tx, ada.id, True)
        repos.create(stores, actor, NewRepo(Kind.MODEL, "ada", "bert"))
        repos.create(stores, actor, NewRepo(Kind.DATASET, "acme", "rows", private=True))
    return made


def refused(hubkeep, *arguments):
    got = hubkeep(*arguments, code=1)
    assert isinstance(got.exception, HubError)
    return str(got.exception)


def log(hubkeep, *arguments):
    return [json.loads(line) for line in hubkeep("audit", "export", *arguments).stdout.splitlines()]


def test_quotas_are_shown_and_changed(hubkeep):
    assert "any" in hubkeep("user", "quota", "ada").stdout
    got = hubkeep("user", "quota", "ada", "--bytes", "5GB", "--repos", "10").stdout
    assert "5.0 GB" in got
    assert " 10" in got
    assert "5.0 GB" in hubkeep("user", "quota", "ada", "--repos", "any").stdout  # the other one stays
    assert "5.0 GB" not in hubkeep("user", "quota", "ada", "--bytes", "default").stdout
    assert "2" in hubkeep("org", "quota", "acme", "--repos", "2").stdout
    assert "No user or organization" in refused(hubkeep, "user", "quota", "acme")
    assert "--bytes" in refused(hubkeep, "user", "quota", "ada", "--bytes", "much")
    assert [entry["type"] for entry in log(hubkeep, "--type", "org")] == ["org.quota"]


@pytest.mark.parametrize("bad", ["", "-1", "5 parsecs", "1e9", "\u0661", "9" * 400 + "TB", "0x10"])
def test_a_limit_that_is_no_number_is_refused(bad):
    with pytest.raises(BadInput):
        limit_of(bad, "--bytes")


def test_repositories_are_listed_closed_opened_and_deleted(hubkeep):
    listed = json.loads(hubkeep("repo", "list", "--json").stdout)
    assert [(one["type"], one["id"], one["private"]) for one in listed] == [
        ("dataset", "acme/rows", True),
        ("model", "ada/bert", False),
    ]
    assert all(one["storage"] > 0 for one in listed)
    assert "ada/bert" in hubkeep("repo", "list", "ada/b", "--largest").stdout
    assert json.loads(hubkeep("repo", "list", "ada/z", "--json").stdout) == []
    hubkeep("repo", "disable", "ada/bert", "--reason", "a complaint")
    hubkeep("repo", "disable", "ada/bert")  # once more is no error, and no second entry
    assert [one["id"] for one in json.loads(hubkeep("repo", "list", "--disabled", "--json").stdout)] == [
        "ada/bert"
    ]
    hubkeep("repo", "enable", "ada/bert")
    hubkeep("repo", "delete", "datasets/acme/rows", "--yes")
    assert "not found" in refused(hubkeep, "repo", "disable", "datasets/acme/rows")
    assert "owner/name" in refused(hubkeep, "repo", "disable", "bert")
    acts = [(entry["type"], entry["by"]) for entry in reversed(log(hubkeep, "--type", "repo"))]
    assert acts == [
        ("repo.create", "ada"),
        ("repo.create", "ada"),
        ("repo.disable", "(command line)"),
        ("repo.removed_disable", "(command line)"),
        ("repo.delete", "(command line)"),
    ]
    assert log(hubkeep, "--type", "repo.disable")[0]["data"]["reason"] == "a complaint"


def test_organizations_are_listed_with_what_they_store(hubkeep):
    assert "acme" in hubkeep("org", "list").stdout


def test_jobs_that_were_given_up_are_tried_again_or_dropped(hubkeep):
    with opened(hubkeep.data) as stores, stores.db.write() as tx:
        tx.sql.execute(sa.delete(jobs))
        for number in range(3):
            tx.enqueue(Job("repos.purge", {"repo_id": number}))
        tx.sql.execute(sa.update(jobs).values(run_at=NEVER, attempts=8, error="OSError: no"))
        tx.enqueue(Job("repos.gc", delay=3600))
    found = json.loads(hubkeep("jobs", "list", "--json").stdout)
    assert found["counts"] == {"waiting": 1, "tried": 0, "failed": 3}
    first, second, third, waiting = [job["id"] for job in found["jobs"]]
    assert "OSError: no" in hubkeep("jobs", "list", "--state", "failed").stdout
    hubkeep("jobs", "retry", str(first))
    assert "still in the queue" in refused(hubkeep, "jobs", "retry", str(first))
    hubkeep("jobs", "drop", str(second))
    assert "no job" in refused(hubkeep, "jobs", "drop", str(second))
    hubkeep("jobs", "retry", "--all")
    after = json.loads(hubkeep("jobs", "list", "--json").stdout)
    assert after["counts"] == {"waiting": 3, "tried": 0, "failed": 0}
    assert [job["id"] for job in after["jobs"]] == [first, third, waiting]
    assert "name one job" in refused(hubkeep, "jobs", "retry")


def test_people_become_operators_are_disabled_and_get_a_link(hubkeep):
    hubkeep("user", "operator", "ada")
    hubkeep("user", "disable", "ada")
    hubkeep("user", "enable", "ada")
    hubkeep("user", "operator", "ada", "--revoke")
    assert "/login/reset?key=" in hubkeep("user", "reset-password", "ada").stdout
    acts = [entry["type"] for entry in reversed(log(hubkeep, "--type", "user"))]
    assert acts == ["user.operator", "user.disable", "user.enable", "user.operator", "user.reset_link"]


def test_the_audit_log_is_exported_by_every_fact_and_without_end(hubkeep, monkeypatch):
    monkeypatch.setattr("hubkeep.cli.audit.PAGE", 2)
    with opened(hubkeep.data) as stores, stores.db.write() as tx:
        for number in range(7):
            accounts.audit(tx, accounts.STRANGER, f"job.act{number}")
    assert [entry["type"] for entry in log(hubkeep, "--type", "job")] == [
        f"job.act{n}" for n in range(6, -1, -1)
    ]
    assert len(log(hubkeep, "--type", "job", "--limit", "3")) == 3
    assert {entry["type"] for entry in log(hubkeep, "--owner", "acme")} == {"repo.create"}
    assert log(hubkeep, "--since", "2999-01-01") == []
    tomorrow = f"{now() + timedelta(days=1):%Y-%m-%d}"
    assert len(log(hubkeep, "--who", "ada", "--until", tomorrow)) >= 2


def test_what_is_done_by_commands_is_written_down_too(hubkeep):
    hubkeep("user", "add", "bob", "--email", "bob@example.org")
    hubkeep("org", "add", "lab", "--member", "bob:admin")
    secret = hubkeep("token", "add", "bob", "--name", "ci", "--role", "write").stdout.strip()
    entries = [entry for entry in reversed(log(hubkeep)) if entry["by"] == "(command line)"]
    assert [entry["type"] for entry in entries] == ["user.create", "org.create", "token.create"]
    assert entries[1]["data"]["members"] == {"bob": "admin"}
    assert secret not in json.dumps(entries)
