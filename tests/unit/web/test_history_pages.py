import re

import pytest

from hubkeep.git import GitSlow, of_path
from hubkeep.repos import Kind

ODD = "a b/<img src=x onerror=alert(1)> ü #?%.txt"


def rows(html: str) -> list[tuple[str, str]]:
    """Return (title of the commit, text) of every line of a blame page; "" for a line of the group above."""
    found = re.findall(r"<tr[^>]*>(.*?)</tr>", html, re.DOTALL)
    titles = (re.search(r'<a href="[^"]*/commit/[^"]*" title="([^"]*)"', row) for row in found)
    texts = (re.search(r'<td class="blame-text">(.*?)</td>', row, re.DOTALL) for row in found)
    return [(title[1] if title else "", text[1]) for title, text in zip(titles, texts, strict=True) if text]


def test_blame_names_the_commit_of_every_line(site):
    repo = site.repo(files={"notes.txt": b"one\ntwo\nthree\n"})
    site.commit(repo, {"notes.txt": b"one\n2\nthree\nfour\n"}, "Say <more>")
    html = site.browser().page("/ada/bert/blame/main/notes.txt")
    assert rows(html) == [
        ("a change", "one"),
        ("Say &lt;more&gt;", "2"),
        ("a change", "three"),
        ("Say &lt;more&gt;", "four"),
    ]
    assert "4 lines from 2 commits" in html


def test_blame_follows_a_renamed_file(site):
    repo = site.repo(files={"old.txt": b"".join(b"line %d\n" % n for n in range(20))})
    content = b"".join(b"line %d\n" % n for n in range(20))
    site.furniture().commit_lines(
        repo,
        [
            {"key": "deletedFile", "value": {"path": "old.txt"}},
            {"key": "file", "value": {"path": "new.txt", "content": content.decode(), "encoding": "utf-8"}},
        ],
        "Rename",
    )
    assert {title for title, _ in rows(site.browser().page("/ada/bert/blame/main/new.txt")) if title} == {
        "a change"
    }


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\0\1", "not text"),
        (b"", "empty"),
        (b"x\n" * 20_000, "too many lines"),
        (b"x" * 600_000, "too long"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 5\n",
            "large file",
        ),
    ],
)
def test_blame_says_why_nobody_was_asked(site, content, says):
    site.furniture().commit_entries(site.repo(), {"f": (0o100644, content)}, "One")
    assert says in site.browser().page("/ada/bert/blame/main/f")


def test_the_history_of_a_path_has_only_what_touched_it(site):
    repo = site.repo(files={"docs/a.txt": b"1"})
    site.commit(repo, {"b.txt": b"1"}, "Elsewhere")
    site.commit(repo, {"docs/a.txt": b"2"}, "Here again")
    browser = site.browser()
    for path in ("docs/a.txt", "docs"):
        html = browser.page(f"/ada/bert/commits/main/{path}")
        assert "Here again" in html
        assert "Elsewhere" not in html
    assert "No commit touched this path" in browser.page("/ada/bert/commits/main/never.txt")


def test_the_history_of_a_path_comes_in_pages(site):
    repo = site.repo()
    for number in range(52):
        site.commit(repo, {"a.txt": b"%d" % number}, f"change {number:02}")
    browser = site.browser()
    first = browser.page("/ada/bert/commits/main/a.txt")
    assert "change 51" in first
    assert "change 01" not in first
    second = browser.page("/ada/bert/commits/main/a.txt?p=1")
    assert "change 01" in second
    assert 'rel="next"' not in second


def test_names_that_mean_something_to_git_are_only_names(site):
    names = [":(top)x", "*.txt", "-n", "--all", "a\nb", ":!y", "HEAD", "@{1}"]
    site.furniture().commit_entries(site.repo(), dict.fromkeys(names, (33188, b"1\n")), "Odd")
    browser = site.browser()
    for name in names:
        quoted = "".join(f"%{byte:02X}" for byte in name.encode())
        assert "Odd" in browser.page(f"/ada/bert/blame/main/{quoted}"), name
        assert "Odd" in browser.page(f"/ada/bert/commits/main/{quoted}"), name
    assert "No commit touched" in browser.page("/ada/bert/commits/main/%3A(glob)**")


def test_a_history_that_takes_too_long_is_told_and_ended(site, monkeypatch):
    site.repo(files={"a.txt": b"1"})
    monkeypatch.setattr(of_path, "SECONDS", 0.0)
    html = site.browser().page("/ada/bert/commits/main/a.txt", GitSlow.status)
    assert "too long to be read" in html


def test_two_revisions_are_compared_where_they_parted(site):
    repo = site.repo(files={"a.txt": b"one\n"})
    furniture = site.furniture()
    base = furniture.commit(repo, {"b.txt": b"1\n"}, "Before")
    site.commit(repo, {"a.txt": b"one\ntwo words\n"}, "After")
    browser = site.browser()
    html = browser.page(f"/ada/bert/compare/{base}...main")
    assert "After" in html
    assert "Before" not in html
    assert 'class="diff-add"' in html
    assert "b.txt" not in html
    assert "nothing in" in browser.page(f"/ada/bert/compare/main...{base}")
    assert 'class="diff-del"' in browser.page(f"/ada/bert/compare/main..{base}")


def test_revisions_to_compare_are_named_in_a_form(site):
    site.repo()
    browser = site.browser()
    html = browser.page("/ada/bert/compare")
    assert '<option value="main">' in html
    answer = browser.get("/ada/bert/compare?base=main&head=a/b")
    assert (answer.status_code, answer.headers["location"]) == (302, "/ada/bert/compare/main...a%2Fb")
    for span, status, says in (
        ("main...nope", 404, "nope"),
        ("main", 400, "Name two"),
        ("...main", 400, "Name two"),
        ("main...<script>", 404, "&lt;script&gt;"),
    ):
        assert says in browser.page(f"/ada/bert/compare/{span}", status)


def test_lines_that_changed_a_little_show_where(site):
    repo = site.repo(files={"a.txt": b"the keep on the hill\nunlike\n"})
    oid = site.commit(repo, {"a.txt": b"the tower on the hill\nquite\n"})
    html = site.browser().page(f"/ada/bert/commit/{oid}")
    assert "the <mark>keep</mark> on the hill" in html
    assert "the <mark>tower</mark> on the hill" in html
    assert "<mark>unlike" not in html
    assert 'aria-label="2 added, 2 removed"' in html


def test_links_and_submodules_are_shown_for_what_they_are(site):
    entries = {
        "docs/link": (0o120000, b"../notes.txt"),
        "out": (0o120000, b"../../../etc/passwd"),
        "root": (0o120000, b"/etc/passwd"),
        "evil": (0o120000, b"javascript:alert(1)"),
        "sub": (0o160000, "c" * 40),
        "notes.txt": (0o100644, b"hello\n"),
    }
    site.furniture().commit_entries(site.repo(), entries, "Links")
    browser = site.browser()
    assert 'href="/ada/bert/blob/main/notes.txt" rel="nofollow">../notes.txt</a>' in browser.page(
        "/ada/bert/blob/main/docs/link"
    )
    for name in ("out", "root"):
        html = browser.page(f"/ada/bert/blob/main/{name}")
        assert "which is not in this repository" in html
        assert "root:" not in html
    assert 'href="javascript' not in browser.page("/ada/bert/blob/main/evil")
    assert "c" * 40 in browser.page("/ada/bert/blob/main/sub")
    assert "cccccccc" in browser.page("/ada/bert/tree/main")


@pytest.mark.parametrize("page", ["blob", "blame", "commits"])
def test_a_hostile_file_name_stays_text_on_every_page(site, page):
    site.furniture().commit_entries(site.repo(kind=Kind.DATASET), {ODD: (0o100644, b"x\n")}, "Odd")
    quoted = "/".join("".join(f"%{byte:02X}" for byte in part.encode()) for part in ODD.split("/"))
    html = site.browser().page(f"/datasets/ada/bert/{page}/main/{quoted}")
    assert "<img src=x" not in html
    assert "onerror=alert(1)&gt;" in html


def test_a_private_repository_tells_strangers_nothing_of_its_history(site):
    repo = site.repo(files={"a.txt": b"1"}, private=True)
    site.commit(repo, {"a.txt": b"2"}, "Secret")
    for path in ("blame/main/a.txt", "commits/main/a.txt", "compare", "compare/main...main"):
        assert "Secret" not in site.browser().page(f"/ada/bert/{path}", 401)
        assert "Secret" not in site.browser("eve").page(f"/ada/bert/{path}", 404)


def test_a_long_difference_is_folded(site):
    repo = site.repo(files={"a.txt": b"x\n"})
    oid = site.commit(repo, {"long.txt": b"line\n" * 400, "short.txt": b"line\n"})
    html = site.browser().page(f"/ada/bert/commit/{oid}")
    assert html.count('class="diff-fold"') == 1
