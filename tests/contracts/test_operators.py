"""What operators ask and do, on both databases."""

from pathlib import Path

import pytest

from hubkeep import accounts, migrations, repos
from hubkeep.accounts import COMMAND_LINE, AuditFilter, OwnQuota, Role
from hubkeep.git import GitCache
from hubkeep.kit import Job, Settings, Signer
from hubkeep.kit.job_admin import JobState
from hubkeep.kit.jobs import Worker
from hubkeep.kit.settings import JobSettings
from hubkeep.repos import Kind, Looked, NewRepo, Stores
from hubkeep.storage import LocalBlobs


@pytest.fixture
def stores(open_db, tmp_path: Path) -> Stores:
    db = open_db()
    migrations.upgrade(db)
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    blobs = LocalBlobs(tmp_path / "blobs")
    settings = Settings(data=tmp_path)
    repos.guard_quotas(db.bus, settings.quotas)
    return Stores(db, blobs, GitCache(tmp_path / "git", blobs, scratch), scratch, settings, Signer("test"))


@pytest.fixture
def ada(stores):
    with stores.db.write() as tx:
        user = accounts.add_user(tx, "Ada", "ada@example.org")
        accounts.add_user(tx, "adam", "x@example.org")
        accounts.add_user(tx, "bob", "ada@elsewhere.org")
        accounts.add_org(tx, "acme", {"Ada": Role.ADMIN, "bob": Role.READ})
        accounts.add_org(tx, "empty", {})
    with stores.db.read() as tx:
        return accounts.actor_of(tx, user.id, True)


def test_people_and_organizations_are_found_counted_and_paged(stores, ada):
    with stores.db.read() as tx:
        assert [user.name for user in accounts.find_users(tx, COMMAND_LINE, "ADA")] == ["Ada", "adam", "bob"]
        assert [user.name for user in accounts.find_users(tx, COMMAND_LINE, after="Ada")] == ["adam", "bob"]
        assert accounts.find_users(tx, COMMAND_LINE, "a%") == []
        found = accounts.find_orgs(tx, COMMAND_LINE, "")
        assert [(org.name, members) for org, members in found] == [("acme", 2), ("empty", 0)]
        counted = accounts.count_people(tx, COMMAND_LINE)
    assert counted == {"users": 3, "operators": 0, "disabled": 0, "organizations": 2}


def test_repositories_are_listed_by_age_and_size_summed_up_closed_and_limited(stores, ada):
    made = [repos.create(stores, ada, NewRepo(Kind.MODEL, "Ada", f"r{number}")) for number in range(4)]
    repos.create(stores, ada, NewRepo(Kind.DATASET, "acme", "rows", private=True))
    with stores.db.read() as tx:
        for largest in (False, True):
            seen, after = [], None
            while page := repos.every_repo(
                tx, COMMAND_LINE, Looked("ada", largest=largest), after=after, limit=3
            ):
                seen += page
                after = (page[-1].used_storage, page[-1].id)
            assert sorted(repo.name for repo in seen) == ["r0", "r1", "r2", "r3"]
        assert [r.name for r in repos.every_repo(tx, COMMAND_LINE, Looked("ACME/ro"))] == ["rows"]
        counted = repos.count_repos(tx, COMMAND_LINE)
        assert (counted[Kind.MODEL][0], counted[Kind.SPACE]) == (4, (0, 0))
        assert repos.largest_owners(tx, COMMAND_LINE, 1)[0][0] == "Ada"
        used = repos.usage_of(tx, ada.user_id)
        assert used.repos == 4
        assert used.bytes == sum(repos.used_storage(tx, repo.id) for repo in made)
    with stores.db.write() as tx:
        accounts.set_quota(tx, COMMAND_LINE, "ada", OwnQuota(max_repos=4))
        accounts.set_quota(tx, COMMAND_LINE, "ada", OwnQuota(max_repos=4, max_bytes=used.bytes))
        repos.set_repo_disabled(tx, COMMAND_LINE, Kind.MODEL, "ada/r1", disabled=True)
    with pytest.raises(repos.TooManyRepos):
        repos.create(stores, ada, NewRepo(Kind.MODEL, "Ada", "r4"))
    with stores.db.read() as tx:
        assert [r.name for r in repos.every_repo(tx, COMMAND_LINE, Looked(disabled=True))] == ["r1"]


def test_the_audit_log_is_narrowed_by_every_fact(stores, ada):
    repo = repos.create(stores, ada, NewRepo(Kind.MODEL, "acme", "net"))
    with stores.db.read() as tx:
        for wanted in (
            AuditFilter(kind="repo"),
            AuditFilter(kind="repo.create"),
            AuditFilter(actor="ADA"),
            AuditFilter(owner="acme"),
            AuditFilter(repo_id=repo.id),
            AuditFilter(until=repo.created_at.replace(year=9000)),
        ):
            (entry,) = accounts.audit_entries(tx, COMMAND_LINE, wanted)
            assert (entry.type, entry.actor_name, entry.data["repo"]) == ("repo.create", "Ada", "acme/net")
        assert accounts.audit_entries(tx, COMMAND_LINE, AuditFilter(kind="rep")) == []
        assert accounts.audit_repo_id(tx, "acme/net") is None
    with stores.db.write() as tx:
        repos.delete(tx, ada, repo.kind, repo.full_name)
    with stores.db.read() as tx:
        assert accounts.audit_repo_id(tx, "acme/net") == repo.id
        assert accounts.audit_repo_id(tx, "acme/%") is None


def test_jobs_are_counted_given_up_tried_again_and_dropped(stores):
    def fails(_args):
        raise OSError("no")

    with stores.db.write() as tx:
        for number in range(3):
            tx.enqueue(Job("test.fails", {"n": number}))
    worker = Worker(stores.db, {"test.fails": fails}, JobSettings(max_attempts=1))
    assert worker.run_one()
    assert worker.run_one()
    with stores.db.read() as tx:
        failed, counts = accounts.queued_jobs(tx, COMMAND_LINE, JobState.FAILED)
    assert counts == {JobState.WAITING: 1, JobState.TRIED: 0, JobState.FAILED: 2}
    assert all(job.error == "OSError: no" and job.run_at is None for job in failed)
    with stores.db.write() as tx:
        accounts.retry_job(tx, COMMAND_LINE, failed[0].id)
        accounts.drop_job(tx, COMMAND_LINE, failed[1].id)
    with stores.db.read() as tx:
        assert accounts.queued_jobs(tx, COMMAND_LINE)[1][JobState.WAITING] == 2
