import re

import pytest
from tests.unit.web.conftest import form_token

from hubkeep import repos
from hubkeep.community import discussions
from hubkeep.git import PackWriter, Put, edit_tree
from hubkeep.kit import now
from hubkeep.repos import Kind, RefUpdate
from hubkeep.web.plain_text import MAX_BYTES

HOSTILE = [
    "<img src=x onerror=alert(1)>.txt",
    "\"quotes\" & 'more'.txt",
    "dir with spaces/ünïcødé ☃.txt",
    "-rf",
    "100%2F.txt",
    "a?b#c.txt",
    "x" * 251 + ".txt",
]


@pytest.fixture
def bert(site):
    return site.repo("ada/bert", files={"a.txt": b"one\ntwo\n", "docs/b.md": b"# B\n"})


def sought(pattern, text):
    """Return the first group of a pattern that must be there."""
    found = re.search(pattern, text)
    assert found, pattern
    return found[1]


def fields_of(html):
    """Return the hidden fields of the page's form."""
    return dict(re.findall(r'<input type="hidden" name="(expects|seen)" value="([^"]*)"', html))


def edit(browser, page, **fields):
    """Open a page and send its form, as a browser would: the hidden fields go along."""
    html = browser.page(page)
    found = fields_of(html) | {"form_token": form_token(html), "do": "commit"}
    return browser.post(page, data=found | fields)


def content(site, repo, path, revision="main"):
    with (
        site.stores.db.read() as tx,
        repos.snapshot(tx, site.ada, site.stores, repo.kind, repo.full_name, revision) as at,
    ):
        entry = at.reader.entry(at.oid, path)
        return at.reader.blob(entry.oid) if entry else None


def log(site, repo, revision="main"):
    with (
        site.stores.db.read() as tx,
        repos.snapshot(tx, site.ada, site.stores, repo.kind, repo.full_name, revision) as at,
    ):
        return at.reader.log(at.oid, skip=0, limit=10)


def test_a_file_is_edited_as_one_commit_with_message_and_description(site, bert):
    browser = site.browser("ada")
    assert ">\none\ntwo\n</textarea>" in browser.page("/ada/bert/edit/main/a.txt")
    before = len(log(site, bert))
    answer = edit(
        browser,
        "/ada/bert/edit/main/a.txt",
        path="a.txt",
        text="one\r\nthree\r\n",
        summary="Count on",
        description="because\r\nit helps",
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/ada/bert/blob/main/a.txt")
    assert content(site, bert, "a.txt") == b"one\nthree\n"
    commits = log(site, bert)
    assert len(commits) == before + 1
    assert (commits[0].title, commits[0].body.strip(), commits[0].author) == (
        "Count on",
        "because\nit helps",
        "ada",
    )


def test_without_a_message_the_commit_says_what_it_does(site, bert):
    browser = site.browser("ada")
    edit(browser, "/ada/bert/edit/main/a.txt", path="a.txt", text="x")
    edit(browser, "/ada/bert/new/main/docs", path="docs/new.txt", text="x")
    edit(browser, "/ada/bert/rename/main/a.txt", path="c.txt")
    edit(browser, "/ada/bert/delete/main/c.txt")
    titles = [commit.title for commit in log(site, bert)][:4]
    assert titles == ["Delete c.txt", "Rename a.txt to c.txt", "Create new.txt", "Update a.txt"]


@pytest.mark.parametrize(
    ("before", "sent", "after"),
    [
        (b"a\nb", "a\r\nc", b"a\nc"),
        (b"a\r\nb\r\n", "a\r\nx\r\nb\r\n", b"a\r\nx\r\nb\r\n"),
        (b"a\r\nb\nc\n", "a\r\nb\r\nd\r\n", b"a\r\nb\nd\n"),
        (b"a\rb\r", "a\r\nc\r\n", b"a\rc\r"),
        (b"\xef\xbb\xbfa\n", "\ufeffa\r\nb\r\n", b"\xef\xbb\xbfa\nb\n"),
        (b"\n\na", "\r\n\r\na\r\n", b"\n\na\n"),
        ("\u2028x\x85y\x0cz\n".encode(), "\u2028x\x85y\x0cz!\r\n", "\u2028x\x85y\x0cz!\n".encode()),
    ],
)
def test_line_endings_and_the_absence_of_a_last_one_stay(site, before, sent, after):
    repo = site.repo(files={"f.txt": before})
    answer = edit(site.browser("ada"), "/ada/bert/edit/main/f.txt", path="f.txt", text=sent)
    assert answer.status_code == 303
    assert content(site, repo, "f.txt") == after


def test_text_that_was_not_changed_is_not_committed(site, bert):
    answer = edit(site.browser("ada"), "/ada/bert/edit/main/a.txt", path="a.txt", text="one\r\ntwo\r\n")
    assert answer.status_code == 400
    assert "nothing was changed" in answer.text


def test_somebody_who_was_faster_is_named_and_the_text_is_kept(site, bert):
    browser = site.browser("ada")
    html = browser.page("/ada/bert/edit/main/a.txt")
    site.commit(bert, {"a.txt": b"theirs\n"}, "I was <faster>")
    fields = fields_of(html) | {"path": "a.txt", "text": "mine\r\n", "do": "commit"}
    answer = browser.send("/ada/bert/edit/main/a.txt", fields)
    assert answer.status_code == 412
    assert ">\nmine\r\n</textarea>" in answer.text
    assert "I was &lt;faster&gt;" in answer.text
    assert content(site, bert, "a.txt") == b"theirs\n"
    over = sought(r'name="over" value="(\w+)"', answer.text)
    again = browser.send("/ada/bert/edit/main/a.txt", fields | fields_of(answer.text) | {"over": over})
    assert again.status_code == 303
    assert content(site, bert, "a.txt") == b"mine\n"


def test_another_file_that_changed_meanwhile_is_no_obstacle(site, bert):
    browser = site.browser("ada")
    html = browser.page("/ada/bert/edit/main/a.txt")
    site.commit(bert, {"other.txt": b"theirs\n"})
    fields = fields_of(html) | {"path": "a.txt", "text": "mine", "do": "commit"}
    assert browser.send("/ada/bert/edit/main/a.txt", fields).status_code == 303
    assert content(site, bert, "other.txt") == b"theirs\n"


def test_a_file_deleted_meanwhile_can_be_written_again(site, bert):
    browser = site.browser("ada")
    html = browser.page("/ada/bert/edit/main/a.txt")
    site.furniture().commit_lines(bert, [{"key": "deletedFile", "value": {"path": "a.txt"}}])
    fields = fields_of(html) | {"path": "a.txt", "text": "mine", "do": "commit"}
    answer = browser.send("/ada/bert/edit/main/a.txt", fields, at="/ada/bert/edit/main/docs/b.md")
    assert answer.status_code == 412
    assert "Somebody deleted" in answer.text
    answer = browser.send(
        "/ada/bert/edit/main/a.txt", fields | {"over": "none"}, at="/ada/bert/edit/main/docs/b.md"
    )
    assert answer.status_code == 303
    assert content(site, bert, "a.txt") == b"mine"


def test_a_new_file_that_is_there_already_is_edited(site, bert):
    browser = site.browser("ada")
    answer = browser.get("/ada/bert/new/main/docs?filename=b.md")
    assert (answer.status_code, answer.headers["location"]) == (302, "/ada/bert/edit/main/docs/b.md")
    assert 'value="docs/c.md"' in browser.page("/ada/bert/new/main/docs?filename=c.md")


def test_editing_can_rename_in_the_same_commit(site, bert):
    before = len(log(site, bert))
    edit(site.browser("ada"), "/ada/bert/edit/main/a.txt", path="texts/a.txt", text="new")
    assert content(site, bert, "a.txt") is None
    assert content(site, bert, "texts/a.txt") == b"new"
    assert len(log(site, bert)) == before + 1


def test_no_other_file_is_overwritten_by_a_new_or_renamed_one(site, bert):
    browser = site.browser("ada")
    for page, fields in (
        ("/ada/bert/new/main", {"path": "docs/b.md", "text": "x"}),
        ("/ada/bert/rename/main/a.txt", {"path": "docs/b.md"}),
        ("/ada/bert/edit/main/a.txt", {"path": "docs/b.md", "text": "x"}),
    ):
        answer = edit(browser, page, **fields)
        assert answer.status_code == 409, page
        assert "There is a file called docs/b.md already" in answer.text
    assert content(site, bert, "docs/b.md") == b"# B\n"


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("../up", "segment &#39;..&#39;"),
        ("a/../../b", "segment &#39;..&#39;"),
        (".git/config", ".git"),
        ("a\\b", "backslash"),
        ("", "empty"),
        ("a\x07b", "control"),
        ("x" * 256, "more than 255 bytes"),
        ("d/" * 130 + "x", "segments"),
        ("a.txt/inside", "a file, not a folder"),
    ],
)
def test_paths_that_git_refuses_are_refused_with_the_rule_and_the_text_is_kept(site, bert, path, says):
    answer = edit(site.browser("ada"), "/ada/bert/new/main", path=path, text="kept text")
    assert answer.status_code == 422
    assert says in answer.text
    assert ">\nkept text</textarea>" in answer.text


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_created_edited_renamed_and_deleted(site, bert, name):
    browser = site.browser("ada")
    answer = edit(browser, "/ada/bert/new/main", path=name, text="1")
    assert answer.status_code == 303, answer.text
    assert content(site, bert, name) == b"1"
    tail = answer.headers["location"].removeprefix("/ada/bert/blob/main/")
    for page in ("blob", "edit", "rename", "delete"):
        html = browser.page(f"/ada/bert/{page}/main/{tail}")
        assert "<img src=x" not in html
    assert edit(browser, f"/ada/bert/edit/main/{tail}", path=name, text="2").status_code == 303
    assert content(site, bert, name) == b"2"
    assert edit(browser, f"/ada/bert/rename/main/{tail}", path="moved/" + name).status_code == 303
    assert edit(browser, f"/ada/bert/delete/main/moved/{tail}").headers["location"] == "/ada/bert/tree/main"
    assert content(site, bert, "moved/" + name) is None


@pytest.mark.parametrize("branch", ["feature/x", "<b>&'q", "ü-☃", "50%", "refs-like/heads/main"])
def test_branches_with_special_names_are_edited(site, bert, branch):
    repos.create_branch(site.stores, site.ada, bert.kind, bert.full_name, branch, None)
    browser = site.browser("ada")
    link = sought(
        r'href="(/ada/bert/tree/[^"]+)"[^>]*>[^<]*<svg[^>]*><use href="[^"]*#branch"/></svg><span>(?!main)',
        browser.page("/ada/bert/tree/main"),
    )
    page = link.replace("&amp;", "&").replace("&#39;", "'").replace("/tree/", "/edit/") + "/a.txt"
    assert "<b>&" not in browser.page(page)
    assert edit(browser, page, path="a.txt", text="x").status_code == 303
    assert content(site, bert, "a.txt", branch) == b"x"
    assert content(site, bert, "a.txt") == b"one\ntwo\n"


def test_a_wrong_card_is_refused_with_its_line_and_the_text_is_kept(site, bert):
    browser = site.browser("ada")
    text = "---\r\nlicense: mit\r\ntags: [a, b\r\n---\r\n# Bert"
    answer = edit(browser, "/ada/bert/new/main?filename=README.md", path="README.md", text=text)
    assert answer.status_code == 400
    assert 'data-go-to="4">4</a>' in answer.text
    assert "tags: [a, b\r\n---" in answer.text
    assert content(site, bert, "README.md") is None
    right = edit(browser, "/ada/bert/new/main", path="README.md", text=text.replace("b\r\n", "b]\r\n", 1))
    assert right.status_code == 303
    wrong = text.replace("[a, b", "{a: b}")
    answer = edit(browser, "/ada/bert/edit/main/README.md", path="README.md", text=wrong)
    assert 'data-go-to="3">3</a>' in answer.text


def test_the_preview_and_the_changes_are_shown_without_a_script_and_nothing_is_committed(site, bert):
    browser, before = site.browser("ada"), len(log(site, bert))
    html = edit(
        browser,
        "/ada/bert/edit/main/docs/b.md",
        path="docs/b.md",
        text="# C\r\n\r\n[up](../a.txt)<script>alert(1)</script>",
        do="preview",
    ).text
    assert 'href="/ada/bert/blob/main/a.txt"' in html
    assert "alert(1)</script>" not in html
    html = edit(browser, "/ada/bert/edit/main/a.txt", path="a.txt", text="one\r\n<2>\r\n", do="changes").text
    assert '<td class="text">&lt;2&gt;</td>' in html
    assert ">\none\r\n&lt;2&gt;\r\n</textarea>" in html
    assert edit(
        browser, "/ada/bert/edit/main/a.txt", path="a.txt", text="one\r\ntwo\r\n", do="changes"
    ).text.count("Nothing is changed yet")
    new = edit(browser, "/ada/bert/new/main", path="x.md", text="# New", do="preview")
    assert "New" in new.text.partition("data-looked")[2]
    assert len(log(site, bert)) == before


def test_large_binary_and_long_files_cannot_be_edited_and_say_why(site):
    repo = site.repo(
        files={"b.bin.txt": b"a\0b", "latin.txt": b"\xe9t\xe9", "long.txt": b"x" * (MAX_BYTES + 1)}
    )
    furniture = site.furniture()
    furniture.commit_lines(repo, [furniture.large(repo, "model.bin", b"\0" * 9)])
    browser = site.browser("ada")
    for path, says in (
        ("b.bin.txt", "not text"),
        ("latin.txt", "not text"),
        ("long.txt", "too big to edit here"),
        ("model.bin", "large file"),
    ):
        html = browser.page(f"/ada/bert/edit/main/{path}")
        assert says in html
        assert "<textarea" not in html
    browser.page("/ada/bert/edit/main/none.txt", 404)
    browser.page("/ada/bert/edit/nope/a.txt", 404)


def test_text_over_the_limit_is_refused_and_kept(site, bert):
    browser = site.browser("ada")
    answer = edit(browser, "/ada/bert/new/main", path="x.txt", text="é" * (MAX_BYTES // 2 + 1))
    assert answer.status_code == 400
    assert "over the limit of 1,048,576 bytes" in answer.text
    assert answer.text.count("é") > MAX_BYTES // 2
    assert edit(browser, "/ada/bert/new/main", path="x.txt", text="x" * MAX_BYTES).status_code == 303
    assert edit(browser, "/ada/bert/new/main", path="y.txt", text="\n" * (9 << 20)).status_code == 413


def test_a_path_that_belongs_to_the_large_files_is_uploaded_not_typed(site, bert):
    answer = edit(site.browser("ada"), "/ada/bert/new/main", path="weights.bin", text="hello")
    assert answer.status_code == 400
    assert "upload it instead" in answer.text


def test_a_large_file_is_renamed_without_its_bytes_and_stays_large(site):
    repo = site.repo()
    furniture = site.furniture()
    line = furniture.large(repo, "model.bin", b"\0" * 900)
    furniture.commit_lines(repo, [line])
    pointer = content(site, repo, "model.bin")
    assert edit(site.browser("ada"), "/ada/bert/rename/main/model.bin", path="w/no-ending").status_code == 303
    assert content(site, repo, "w/no-ending") == pointer
    assert b"w/no-ending filter=lfs" in content(site, repo, ".gitattributes")


def test_blanks_around_a_name_that_came_by_git_stay_unless_it_is_changed(site):
    repo = site.repo(files={" a.txt ": b"1"})
    browser = site.browser("ada")
    page = "/ada/bert/edit/main/%20a.txt%20"
    assert edit(browser, page, path=" a.txt ", text="2").status_code == 303
    assert content(site, repo, " a.txt ") == b"2"
    assert edit(browser, page.replace("edit", "rename"), path=" b.txt ").status_code == 303
    assert content(site, repo, "b.txt") == b"2"


def test_renaming_keeps_every_byte(site):
    data = bytes(range(256)) * 4 + b"\r\n\r"
    repo = site.repo(files={"x": data})
    edit(site.browser("ada"), "/ada/bert/rename/main/x", path="y")
    assert content(site, repo, "y") == data


def make_executable(site, repo, path):
    """Commit the file with the mode of a program, as git would push it."""
    with (
        site.stores.db.read() as tx,
        repos.snapshot(tx, site.ada, site.stores, repo.kind, repo.full_name, "main") as at,
        PackWriter(site.stores.scratch, at.reader.contains) as writer,
    ):
        entry = at.reader.entry(at.oid, path)
        assert entry
        edits = {path: Put(entry.oid, 0o100755)}
        tree = edit_tree(at.reader, writer, at.reader.commit(at.oid).tree, edits)
        oid = writer.add_commit(
            tree, [at.oid], repos.signature(site.ada, site.stores.settings), "chmod", now()
        )
        written = writer.finish()
        assert written
        packs = [site.stores.git.store(repo.id, *written)]
        update = RefUpdate("refs/heads/main", at.oid, oid)
    repos.publish(site.stores, site.ada, repo, packs, [update])


def test_a_program_can_still_be_executed_when_it_was_edited_or_renamed(site):
    repo = site.repo(files={"run.sh": b"#!/bin/sh\n", "plain.txt": b"x"})
    make_executable(site, repo, "run.sh")
    browser = site.browser("ada")
    edit(browser, "/ada/bert/edit/main/run.sh", path="run.sh", text="#!/bin/sh\necho\n")
    edit(browser, "/ada/bert/edit/main/run.sh", path="bin/run.sh", text="#!/bin/sh\necho 2\n")
    edit(browser, "/ada/bert/rename/main/bin/run.sh", path="go")
    edit(browser, "/ada/bert/rename/main/plain.txt", path="other.txt")
    with (
        site.stores.db.read() as tx,
        repos.snapshot(tx, site.ada, site.stores, repo.kind, repo.full_name, "main") as at,
    ):
        modes = {
            entry.path: entry.mode for path in ("go", "other.txt") if (entry := at.reader.entry(at.oid, path))
        }
    assert modes == {"go": 0o100755, "other.txt": 0o100644}


def test_a_folder_is_deleted_with_all_that_is_in_it(site):
    repo = site.repo(files={f"d/e/{n}.txt": b"x" for n in range(30)} | {"d/keep.txt": b"k"})
    browser = site.browser("ada")
    html = browser.page("/ada/bert/delete/main/d/e")
    assert "Everything in it goes" in html
    assert "and more" in html
    assert edit(browser, "/ada/bert/delete/main/d/e").headers["location"] == "/ada/bert/tree/main/d"
    assert content(site, repo, "d/keep.txt") == b"k"
    assert edit(browser, "/ada/bert/delete/main/d").headers["location"] == "/ada/bert/tree/main"


def test_a_folder_that_changed_meanwhile_is_not_deleted_at_once(site):
    repo = site.repo(files={"d/a.txt": b"x"})
    browser = site.browser("ada")
    html = browser.page("/ada/bert/delete/main/d")
    site.commit(repo, {"d/b.txt": b"new"})
    fields = fields_of(html) | {"do": "commit"}
    assert browser.send("/ada/bert/delete/main/d", fields).status_code == 412
    assert content(site, repo, "d/b.txt") == b"new"


def test_tags_and_commits_cannot_be_edited_and_lead_to_the_branch(site, bert):
    repos.create_tag(site.stores, site.ada, bert.kind, bert.full_name, "v1", "main", None)
    browser, oid = site.browser("ada"), log(site, bert)[0].oid
    for revision in ("v1", oid):
        html = browser.page(f"/ada/bert/edit/{revision}/a.txt", 400)
        assert 'href="/ada/bert/edit/main/a.txt"' in html


def test_who_may_only_read_proposes_and_everybody_may_choose_to(site, bert):
    browser = site.browser("eve")
    html = browser.page("/ada/bert/edit/main/a.txt")
    assert 'value="propose" checked' in html
    assert 'value="commit">' not in html.replace('do" value="commit">', "")
    answer = edit(
        browser,
        "/ada/bert/edit/main/a.txt",
        path="a.txt",
        text="better\r\n",
        way="propose",
        summary="A better word",
        description="see",
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/ada/bert/discussions/1")
    assert content(site, bert, "a.txt") == b"one\ntwo\n"
    assert content(site, bert, "a.txt", "refs/pr/1") == b"better\n"
    with site.stores.db.read() as tx:
        found = discussions.find(tx, site.ada, bert.kind, bert.full_name, 1)
    assert found.discussion.title == "A better word"
    again = edit(browser, "/ada/bert/edit/refs%2Fpr%2F1/a.txt", path="a.txt", text="best", way="commit")
    assert again.status_code == 303
    assert content(site, bert, "a.txt", "refs/pr/1") == b"best"
    for page, fields in (
        ("/ada/bert/new/main", {"path": "n.txt", "text": "x"}),
        ("/ada/bert/rename/main/a.txt", {"path": "r.txt"}),
        ("/ada/bert/delete/main/docs", {}),
    ):
        assert "/discussions/" in edit(browser, page, way="propose", **fields).headers["location"]
    assert (
        "/discussions/"
        in edit(site.browser("ada"), "/ada/bert/delete/main/docs", way="propose").headers["location"]
    )


def test_who_may_only_read_commits_nothing_whatever_the_form_says(site, bert):
    answer = edit(site.browser("eve"), "/ada/bert/edit/main/a.txt", path="a.txt", text="x", way="commit")
    assert answer.status_code == 403
    assert content(site, bert, "a.txt") == b"one\ntwo\n"


def test_where_pull_requests_are_switched_off_readers_are_told(site, bert):
    with site.stores.db.write() as tx:
        discussions.update_settings(tx, site.ada, bert.kind, bert.full_name, disabled=True, sorting=None)
    site.browser("eve").page("/ada/bert/edit/main/a.txt", 403)
    html = site.browser("ada").page("/ada/bert/edit/main/a.txt")
    assert 'value="propose"' not in html


PAGES = ("edit/main/a.txt", "new/main", "rename/main/a.txt", "delete/main/a.txt")


@pytest.mark.parametrize("page", PAGES)
def test_strangers_are_led_to_sign_in_and_private_looks_missing(site, bert, page):
    assert site.browser().get(f"/ada/bert/{page}").headers["location"].startswith("/login?next=/ada/bert/")
    site.repo("ada/shut", files={"a.txt": b"x"}, private=True)
    site.browser("eve").page(f"/ada/shut/{page}", 404)
    assert site.browser().get(f"/ada/shut/{page}").status_code == 401


@pytest.mark.parametrize("page", PAGES)
def test_forms_of_another_site_change_nothing(site, bert, page):
    browser = site.browser("ada")
    fields = fields_of(browser.page(f"/ada/bert/{page}")) | {"path": "z.txt", "text": "z", "do": "commit"}
    foreign = browser.send(f"/ada/bert/{page}", fields, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert browser.post(f"/ada/bert/{page}", data=fields).status_code == 403
    assert content(site, bert, "a.txt") == b"one\ntwo\n"
    assert content(site, bert, "z.txt") is None


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_repository_is_edited(site, kind):
    repo = site.repo("ada/x", kind, {"a.txt": b"x"})
    page = f"/{kind.prefix}ada/x/edit/main/a.txt"
    answer = edit(site.browser("ada"), page, path="a.txt", text="y")
    assert answer.headers["location"] == f"/{kind.prefix}ada/x/blob/main/a.txt"
    assert content(site, repo, "a.txt") == b"y"


def test_a_folder_is_renamed_with_everything_in_it(site, bert):
    browser = site.browser("ada")
    before = len(log(site, bert))
    page = browser.page("/ada/bert/tree/main/docs")
    assert "/ada/bert/rename/main/docs" in page
    assert "Rename or move the folder" in browser.page("/ada/bert/rename/main/docs")
    answer = edit(browser, "/ada/bert/rename/main/docs", path="texts/docs")
    assert answer.headers["location"] == "/ada/bert/tree/main/texts/docs"
    assert content(site, bert, "texts/docs/b.md") == b"# B\n"
    assert content(site, bert, "docs/b.md") is None
    assert len(log(site, bert)) == before + 1
    assert log(site, bert)[0].title == "Rename docs to texts/docs"


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("a.txt", 422, "there already"),
        ("other", 422, "there already"),
        ("docs", 400, "called that already"),
        ("docs/inner", 422, "into itself"),
        ("a.txt/docs", 422, "a file, not a folder"),
        ("Other/docs", 409, "one and the same"),
        (".GIT", 422, "git"),
        ("../docs", 422, "segment"),
    ],
)
def test_a_folder_that_cannot_be_moved_there_stays_and_the_form_says_why(site, path, status, says):
    repo = site.repo(files={"a.txt": b"1", "docs/b.md": b"2", "other/c.md": b"3"})
    answer = edit(site.browser("ada"), "/ada/bert/rename/main/docs", path=path)
    assert (answer.status_code, says in answer.text) == (status, True), answer.text
    assert f'value="{path}"' in answer.text
    assert content(site, repo, "docs/b.md") == b"2"


def test_a_folder_that_changed_meanwhile_is_not_moved(site, bert):
    browser = site.browser("ada")
    html = browser.page("/ada/bert/rename/main/docs")
    sent = fields_of(html) | {"form_token": form_token(html), "do": "commit", "path": "texts"}
    edit(site.browser("ada"), "/ada/bert/new/main", path="docs/new.md", text="x")
    answer = browser.post("/ada/bert/rename/main/docs", data=sent)
    assert answer.status_code == 412
    assert content(site, bert, "docs/new.md") == b"x"


def test_whoever_may_not_write_proposes_a_renamed_folder(site, bert):
    answer = edit(site.browser("eve"), "/ada/bert/rename/main/docs", path="Docs", way="propose")
    assert answer.headers["location"].startswith("/ada/bert/discussions/")
    assert content(site, bert, "docs/b.md") == b"# B\n"
