import re

import pytest
from tests.unit.web.test_editing import sought

from hubkeep import repos
from hubkeep.community import discussions
from hubkeep.repos import Kind


@pytest.fixture
def bert(site):
    return site.repo("ada/bert", files={"a.txt": b"one\n"})


def large(site, repo, path, content):
    furniture = site.furniture()
    line = furniture.large(repo, path, content)
    furniture.commit_lines(repo, [line], f"Add {path}")
    return line["value"]["oid"]


def text(site, repo, path, revision="main"):
    with (
        site.stores.db.read() as tx,
        repos.snapshot(tx, site.ada, site.stores, repo.kind, repo.full_name, revision) as at,
    ):
        entry = at.reader.entry(at.oid, path)
        return at.reader.blob(entry.oid) if entry else None


def test_discussions_are_switched_off_and_on_and_ordered(site, bert):
    browser = site.browser("ada")
    fields = {"do": "discussions", "discussions": "off", "sorting": "trending"}
    answer = browser.send("/ada/bert/settings", fields)
    assert answer.headers["location"] == "/ada/bert/settings?done=discussions"
    with site.stores.db.read() as tx:
        found = discussions.settings_of(tx, bert.id)
    assert (found.disabled, found.sorting.value) == (True, "trending")
    assert "are off" in browser.page("/ada/bert/settings?done=discussions")
    for wrong in ({"discussions": "maybe"}, {"sorting": "worst"}):
        assert browser.send("/ada/bert/settings", fields | wrong).status_code == 400


def test_large_files_are_listed_with_sizes_and_deleted_for_good(site, bert):
    kept, gone = large(site, bert, "kept.bin", b"k" * 1500), large(site, bert, "gone.bin", b"g" * 2500)
    site.furniture().commit_lines(bert, [{"key": "deletedFile", "value": {"path": "gone.bin"}}])
    browser = site.browser("ada")
    html = browser.page("/ada/bert/settings/storage")
    assert "2.5 kB" in html
    assert "kept.bin" not in html  # names are looked up in a second request
    assert 'href="/ada/bert/settings/storage?names=1"' in html
    html = browser.page("/ada/bert/settings/storage?names=1")
    assert "kept.bin" in html
    assert "only in history" in html
    assert browser.send("/ada/bert/settings/storage", {"do": "delete"}).status_code == 400
    answer = browser.send(
        "/ada/bert/settings/storage", {"do": "delete", f"file-{gone}": "on", "rewrite": "yes"}
    )
    assert answer.headers["location"] == "/ada/bert/settings/storage?done=deleted"
    html = browser.page("/ada/bert/settings/storage?done=deleted")
    assert kept in html
    assert gone not in html
    assert text(site, bert, "kept.bin") is not None


def test_a_list_of_large_files_comes_in_pages_and_a_page_fits_one_form(site, bert):
    furniture = site.furniture()
    furniture.commit_lines(bert, [furniture.large(bert, f"w{n}.bin", b"%d" % n) for n in range(45)])
    browser = site.browser("ada")
    html = browser.page("/ada/bert/settings/storage")
    chosen = dict.fromkeys(re.findall(r'name="(file-[0-9a-f]{64})"', html), "on")
    assert len(chosen) == 40
    more = sought(r'href="([^"]+)" rel="next"', html).replace("&amp;", "&")
    assert len(re.findall(r'name="file-', browser.page(more))) == 5
    assert browser.send("/ada/bert/settings/storage", chosen | {"do": "delete"}).status_code == 303
    assert browser.get("/ada/bert/settings/storage?after=../x").status_code == 400


def test_a_branch_is_squashed_when_its_name_was_typed_again(site, bert):
    site.commit(bert, {"b.txt": b"two\n"})
    browser = site.browser("ada")
    fields = {"do": "squash", "branch": "main", "message": "All of it"}
    assert browser.send("/ada/bert/settings/storage", fields).status_code == 400
    assert "3 commits" in browser.page("/ada/bert/commits/main")
    answer = browser.send("/ada/bert/settings/storage", fields | {"confirm": "main"})
    assert answer.headers["location"] == "/ada/bert/settings/storage?done=squashed"
    html = browser.page("/ada/bert/commits/main")
    assert "1 commit" in html
    assert "All of it" in html
    assert text(site, bert, "a.txt") == b"one\n"


@pytest.mark.parametrize("page", ["/ada/bert/settings", "/ada/bert/settings/storage"])
def test_settings_are_for_those_who_may_change_them(site, bert, page):
    assert site.browser("eve").get(page).status_code == 403
    assert site.browser().get(page).status_code in (302, 401)
    answer = site.browser("ada").post(page, data={"do": "delete", "confirm": "ada/bert"})
    assert answer.status_code == 403
    assert text(site, bert, "a.txt") == b"one\n"


def test_the_license_chosen_at_the_start_begins_the_card(site):
    browser = site.browser("ada")
    assert "Apache license 2.0 (apache-2.0)" in browser.page("/new")
    for kind in (Kind.MODEL, Kind.DATASET, Kind.SPACE):
        fields = {"kind": kind, "owner": "ada", "name": f"x-{kind}", "visibility": "public", "sdk": "docker"}
        assert browser.send("/new", fields | {"license": "mit"}).status_code == 303
        with site.stores.db.read() as tx:
            repo = repos.get(tx, site.ada, kind, f"ada/x-{kind}")
        assert b"\nlicense: mit\n" in text(site, repo, "README.md")
        assert "mit" in browser.page(f"/{kind.prefix}ada/x-{kind}")
    bad = fields | {"name": "bad", "license": "mit\ntags: x"}
    assert browser.send("/new", bad).status_code == 400
    fields = {"kind": "model", "owner": "ada", "name": "plain", "visibility": "public", "license": ""}
    assert browser.send("/new", fields).status_code == 303
    assert browser.get("/ada/plain/blob/main/README.md").status_code == 404


def test_the_upload_page_says_where_to_and_only_there(site, bert):
    html = site.browser("ada").page("/ada/bert/upload/main/docs")
    assert 'data-preupload="/api/models/ada/bert/preupload/main"' in html
    assert 'data-batch="/ada/bert.git/info/lfs/objects/batch"' in html
    assert 'data-ref="refs/heads/main"' in html
    assert 'name="folder" value="docs"' in html
    assert "hf upload ada/bert ./my-folder" in html
    eve = site.browser("eve").page("/ada/bert/upload/main")
    assert 'value="propose" checked' in eve
    assert 'value="commit">' not in eve.replace('do" value="commit">', "")
    assert site.browser().get("/ada/bert/upload/main").headers["location"].startswith("/login")
    repos.create_tag(site.stores, site.ada, bert.kind, bert.full_name, "v1", "main", None)
    site.browser("ada").page("/ada/bert/upload/v1", 400)


def test_pages_offer_what_whoever_looks_may_do(site, bert):
    site.commit(bert, {"docs/b.md": b"# B\n", "README.md": b"# Card\n"})
    stranger, eve = site.browser(), site.browser("eve")
    for page, link in (
        ("/ada/bert", "/ada/bert/edit/main/README.md"),
        ("/ada/bert/tree/main", "/ada/bert/upload/main"),
        ("/ada/bert/tree/main/docs", "/ada/bert/new/main/docs"),
        ("/ada/bert/tree/main/docs", "/ada/bert/delete/main/docs"),
        ("/ada/bert/blob/main/a.txt", "/ada/bert/edit/main/a.txt"),
        ("/ada/bert/blob/main/a.txt", "/ada/bert/rename/main/a.txt"),
    ):
        assert f'href="{link}"' in eve.page(page)
        assert link not in stranger.page(page)


def test_nobody_is_led_to_change_what_a_gate_keeps_from_them(site):
    repo = site.repo("ada/gated", files={"README.md": b"# Gated\n", "d/a.txt": b"x"})
    with site.stores.db.write() as tx:
        repos.update_settings(tx, site.ada, repo.kind, repo.full_name, repos.Changes(gated="manual"))
    eve, ada = site.browser("eve"), site.browser("ada")
    for page in ("/ada/gated", "/ada/gated/tree/main", "/ada/gated/tree/main/d"):
        for way in ("/edit/", "/new/", "/upload/", "/delete/"):
            assert f"/ada/gated{way}" not in eve.page(page)
    for page in ("edit/main/README.md", "new/main", "upload/main", "delete/main/d", "rename/main/README.md"):
        eve.page(f"/ada/gated/{page}", 403)
        ada.page(f"/ada/gated/{page}")
    assert "/ada/gated/edit/main/README.md" in ada.page("/ada/gated")
