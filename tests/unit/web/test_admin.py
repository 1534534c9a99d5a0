"""Operators' pages: there for operators, and for nobody else."""

import json
import re

import pytest
import sqlalchemy as sa
from tests.unit.web.conftest import build

from hubkeep import accounts, repos
from hubkeep.accounts import AuditFilter
from hubkeep.kit import Job
from hubkeep.kit.jobs import NEVER
from hubkeep.kit.tables import jobs
from hubkeep.repos import Kind

PAGES = [
    "/-/",
    "/-/users",
    "/-/organizations",
    "/-/owners/ada",
    "/-/owners/tidewater",
    "/-/repos",
    "/-/jobs",
    "/-/storage",
    "/-/settings",
    "/-/audit",
]
FORMS = ["/-/owners/ada", "/-/repos", "/-/jobs", "/-/storage"]


@pytest.fixture
def boss(site):
    """A browser of eve, who operates the hub."""
    with site.stores.db.write() as tx:
        accounts.set_operator(tx, "eve", operator=True)
    return site.browser("eve")


def words(html):
    """Return a page without its tags."""
    return re.sub(r"<[^>]+>", "", html)


def log(site, **wanted):
    with site.stores.db.read() as tx:
        found = accounts.audit_entries(tx, accounts.COMMAND_LINE, AuditFilter(**wanted))
    return [entry.type for entry in found]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_for_operators_and_looks_missing_to_others(site, boss, path):
    site.repo("ada/bert")
    assert "<h1>" in boss.page(path)
    assert "There is no page here" in site.browser("ada").page(path, 404)
    assert "There is no page here" in site.browser().page(path, 404)


@pytest.mark.parametrize("path", FORMS)
def test_forms_of_operators_look_missing_to_others(site, path):
    ada = site.browser("ada")
    answer = ada.send(path, {"do": "disable", "kind": "model", "repo": "ada/bert"}, at="/settings/tokens")
    assert answer.status_code == 404


def test_the_overview_counts_what_is_here_and_warns_of_jobs_that_were_given_up(site, boss):
    site.repo("ada/bert")
    with site.stores.db.write() as tx:
        tx.sql.execute(sa.delete(jobs))
        tx.enqueue(Job("repos.purge", {"repo_id": 1}))
        tx.sql.execute(sa.update(jobs).values(run_at=NEVER, attempts=8, error="OSError: no"))
    html = boss.page("/-/")
    assert "1 job failed too often" in html
    assert re.search(r"<b>1</b><span><a href=\"/-/repos\?kind=model\">models", html)
    assert "SQLite" in html


def test_somebody_is_locked_out_and_let_in_again(site, boss):
    ada = site.browser("ada")
    assert boss.send("/-/owners/ada", {"do": "disable"}).status_code == 303
    assert ada.get("/settings/tokens").status_code == 302  # the session is over
    assert "disabled" in boss.page("/-/owners/ada")
    boss.send("/-/owners/ada", {"do": "enable"})
    site.browser("ada")
    acts = [act for act in log(site, kind="user") if act in ("user.enable", "user.disable")]
    assert acts == ["user.enable", "user.disable"]


def test_operators_do_not_lock_themselves_out(site, boss):
    for do in ("disable", "ordinary"):
        answer = boss.send("/-/owners/eve", {"do": do}, at="/-/owners/ada")
        assert answer.status_code == 400
        assert "another operator" in answer.text
    boss.page("/-/")


def test_a_link_for_a_new_password_is_shown_once_and_works(site, boss):
    answer = boss.send("/-/owners/ada", {"do": "link"})
    found = re.search(r"/login/reset\?key=[\w.~%-]+", answer.text)
    assert found
    assert site.browser().get(found[0]).status_code == 200
    assert "/login/reset?key=" not in boss.page("/-/owners/ada")
    assert log(site, kind="user.reset_link") == ["user.reset_link"]


def test_limits_are_set_and_taken_back(site, boss):
    fields = {"do": "quota", "bytes_how": "own", "bytes": "1.5", "repos_how": "any", "repos": ""}
    assert boss.send("/-/owners/ada", fields).status_code == 303
    with site.stores.db.read() as tx:
        assert accounts.own_quota(tx, site.ada.user_id) == accounts.OwnQuota(1_500_000_000, 0)
    assert 'value="1.5"' in boss.page("/-/owners/ada")
    boss.send("/-/owners/ada", fields | {"bytes_how": "default", "repos_how": "default"})
    with site.stores.db.read() as tx:
        assert accounts.own_quota(tx, site.ada.user_id) == accounts.OwnQuota()


@pytest.mark.parametrize("bad", ["", "much", "-1", "0", "1e9", "1.2.3", "\u0661", "9" * 30])
def test_a_limit_that_is_no_number_is_refused(site, boss, bad):
    answer = boss.send(
        "/-/owners/ada", {"do": "quota", "bytes_how": "own", "bytes": bad, "repos_how": "default"}
    )
    assert answer.status_code == 400
    assert "bytes" in answer.text


def test_a_repository_is_closed_opened_and_deleted(site, boss):
    site.repo("ada/bert")
    fields = {"kind": "model", "repo": "ada/bert"}
    boss.send("/-/repos", fields | {"do": "disable", "reason": "a complaint"})
    closed = site.browser().get("/ada/bert")
    assert closed.status_code == 403
    assert "Access to this resource is disabled." in closed.text
    assert "disabled" in boss.page("/-/repos?disabled=1")
    boss.send("/-/repos", fields | {"do": "enable"})
    site.browser().page("/ada/bert")
    refused = boss.send("/-/repos", fields | {"do": "delete", "confirm": "ada/other"})
    assert (refused.status_code, "type ada/bert" in refused.text) == (400, True)
    boss.send("/-/repos", fields | {"do": "delete", "confirm": "ada/bert"})
    site.browser().page("/ada/bert", 401)
    assert log(site, kind="repo")[:3] == ["repo.delete", "repo.removed_disable", "repo.disable"]


def test_repositories_are_found_by_their_beginning_and_paged(site, boss, monkeypatch):
    monkeypatch.setattr("hubkeep.web.admin_repos.PAGE", 2)
    for number in range(5):
        site.repo(f"ada/r{number}", private=number == 0)
    site.repo("tidewater/other", Kind.DATASET)
    seen, path = [], "/-/repos?q=ada/r"
    while path:
        html = boss.page(path)
        seen += re.findall(r"<b>(ada/r\d)</b></a>", html)
        found = re.search(r'href="([^"]+)" rel="next"', html)
        path = found[1].replace("&amp;", "&") if found else ""
    assert seen == [f"ada/r{number}" for number in (4, 3, 2, 1, 0)]
    assert "Nothing here fits" in boss.page("/-/repos?q=zzz")
    largest = boss.page("/-/repos?sort=storage&kind=dataset")
    assert "tidewater/other" in largest
    assert "ada/r1" not in largest
    assert boss.get("/-/repos?after=x").status_code == 400


def test_jobs_are_tried_again_and_dropped(site, boss):
    with site.stores.db.write() as tx:
        tx.sql.execute(sa.delete(jobs))
        tx.enqueue(Job("repos.purge", {"note": "<script>alert(1)</script>"}))
        tx.enqueue(Job("repos.purge", {}))
        tx.sql.execute(sa.update(jobs).values(run_at=NEVER, attempts=8, error="OSError: <b>no</b>"))
    html = boss.page("/-/jobs?state=failed")
    assert "<script>alert" not in html
    assert "&lt;b&gt;no" in html
    first, second = re.findall(r'name="job" value="(\d+)"><input type="hidden" name="do" value="retry"', html)
    assert boss.send("/-/jobs", {"do": "retry", "job": first}).status_code == 303
    assert boss.send("/-/jobs", {"do": "retry", "job": first}).status_code == 409
    assert boss.send("/-/jobs", {"do": "drop", "job": second}).status_code == 303
    assert boss.send("/-/jobs", {"do": "drop", "job": second}).status_code == 404
    assert boss.send("/-/jobs", {"do": "drop", "job": "x"}).status_code == 400
    assert "Nothing was given up" in boss.page("/-/jobs?state=failed")


def test_garbage_is_collected_now_and_told_of(site, boss):
    assert "None was collected yet" in boss.page("/-/storage")
    boss.send("/-/storage", {"do": "gc"})
    with site.stores.db.read() as tx:
        found = tx.sql.execute(sa.select(jobs.c.kind, jobs.c.args).where(jobs.c.kind == repos.GC_NOW)).one()
    repos.HANDLERS[found.kind](site.stores, json.loads(found.args))
    assert "Last time" in boss.page("/-/storage")


def test_settings_are_shown_without_secrets(tmp_path):
    site = build(
        tmp_path,
        mail={"host": "mail.example", "password": "hush-mail"},
        storage={"secret_key": "hush-storage", "access_key": "AKIA"},
    )
    with site.stores.db.write() as tx:
        accounts.set_operator(tx, "eve", operator=True)
    html = site.browser("eve").page("/-/settings")
    assert "HUBKEEP_MAIL__PASSWORD" in html
    assert "mail.example" in html
    assert "hush" not in html
    site.stores.db.close()


def test_the_audit_log_is_narrowed_and_paged(site, boss, monkeypatch):
    monkeypatch.setattr("hubkeep.web.admin_audit.PAGE", 2)
    repo = site.repo("ada/bert")
    with site.stores.db.write() as tx:
        repos.delete(tx, site.ada, repo.kind, repo.full_name)
    html = boss.page("/-/audit?type=repo&who=ada")
    assert "ada deleted ada/bert" in words(html)
    assert '<a href="/ada">ada</a> deleted ada/bert' in html  # who is still there, what is not
    assert "user.operator" not in html
    assert "repo.create" in boss.page(f"/-/audit?repo={repo.id}")
    assert "repo.create" in boss.page("/-/audit?repo=ada/bert")  # gone, and still found by its last name
    assert "Nothing that was written down fits" in boss.page("/-/audit?repo=ada/none")
    assert 'rel="next"' in boss.page("/-/audit")
    for bad in ("since=yesterday", "owner=nobody-here", "type=';--"):
        assert boss.get(f"/-/audit?{bad}").status_code == 400


def test_administrators_of_an_organization_see_its_log(site):
    site.repo("tidewater/harbour")
    path = "/organizations/tidewater/settings/audit-log"
    html = site.browser("ada").page(path)
    assert '<a href="/ada">ada</a> made <a href="/tidewater/harbour">tidewater/harbour</a>' in html
    site.browser("eve").page(path, 403)
    assert site.browser().get(path).status_code == 302
    site.browser("ada").page("/organizations/nobody/settings/audit-log", 404)


def test_everybody_sees_their_own_log(site):
    site.repo("ada/bert")
    html = site.browser("ada").page("/settings/security-log")
    assert "ada made ada/bert" in words(html)
    assert "ada/bert" not in site.browser("eve").page("/settings/security-log")
    assert site.browser().get("/settings/security-log").status_code == 302


def test_the_log_links_to_nothing_that_its_reader_may_not_see(site):
    """Eve did it while she was a member; she is none any more."""
    repo = site.repo("tidewater/harbour", private=True)
    with site.stores.db.write() as tx:
        eve = accounts.actor_of(tx, accounts.user_named(tx, "eve").id, can_write=True)
        accounts.audit(tx, eve, "repo.create", repo_id=repo.id, data={"repo": repo.full_name})
    log = site.browser("eve").page("/settings/security-log")
    assert '<a href="/tidewater/harbour">tidewater/harbour</a>' in log
    with site.stores.db.write() as tx:
        accounts.orgs.leave(tx, eve, "tidewater")
    log = site.browser("eve").page("/settings/security-log")
    assert "eve made tidewater/harbour" in words(log)
    assert 'href="/tidewater/harbour"' not in log


def test_a_name_that_somebody_else_has_now_is_no_link(site, boss):
    with site.stores.db.write() as tx:
        accounts.audit(tx, accounts.COMMAND_LINE, "org.add_user", data={"org": "late-comers", "user": "ada"})
    with site.stores.db.write() as tx:
        accounts.add_org(tx, "late-comers", {})
    html = boss.page("/-/audit?type=org.add_user")
    assert "late-comers" in html
    assert 'href="/late-comers"' not in html


def test_only_operators_are_led_to_their_pages(site, boss):
    assert 'href="/-/"' in boss.page("/")
    assert 'href="/-/"' not in site.browser("ada").page("/")


def test_people_and_organizations_see_what_they_store_beside_what_they_may(site):
    site.repo("ada/bert")
    site.repo("tidewater/harbour", private=True)
    with site.stores.db.write() as tx:
        accounts.set_quota(tx, accounts.COMMAND_LINE, "ada", accounts.OwnQuota(max_bytes=10**6, max_repos=5))
    html = site.browser("ada").page("/settings/storage")
    assert "of 1 MB" in html
    assert "of 5 repositories" in html
    assert "/ada/bert/settings/storage" in html
    assert "harbour" not in html
    path = "/organizations/tidewater/settings/storage"
    assert "tidewater/harbour" in site.browser("ada").page(path)
    site.browser("eve").page(path, 403)
    assert "Nothing is stored yet" in site.browser("eve").page("/settings/storage")
    assert site.browser().get("/settings/storage").status_code == 302
