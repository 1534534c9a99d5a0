import pytest
from tests.unit.web.test_editing import sought

from hubkeep import repos


@pytest.fixture
def bert(site):
    return site.repo("ada/bert", files={"a.txt": b"one\n"})


def act(browser, **fields):
    return browser.send("/ada/bert/refs", fields)


def names(site, repo):
    with site.stores.db.read() as tx:
        return sorted(repos.refs_of(tx, repo.id))


@pytest.mark.parametrize("name", ["experiment", "feature/x", "<b>&'q", "ü-☃", "50%2F", "x" * 244])
def test_branches_and_tags_are_made_seen_and_deleted_whatever_they_are_called(site, bert, name):
    browser = site.browser("ada")
    for word, prefix in (("branch", "refs/heads/"), ("tag", "refs/tags/")):
        answer = act(browser, do=f"create-{word}", name=name, start="main", message="first")
        assert (answer.status_code, answer.headers.get("location")) == (303, "/ada/bert/refs"), answer.text
        assert prefix + name in names(site, bert)
        html = browser.page("/ada/bert/refs")
        assert "<b>&" not in html
        link = sought(r'href="(/ada/bert/tree/(?!main)[^"]+)"', html).replace("&#39;", "'")
        assert "a.txt" in browser.page(link.replace("&amp;", "&"))
        assert act(browser, do=f"delete-{word}", name=name).status_code == 303
        assert prefix + name not in names(site, bert)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"do": "create-branch", "name": "-x", "start": "main"}, 400),
        ({"do": "create-branch", "name": "a..b", "start": "main"}, 400),
        ({"do": "create-branch", "name": "refs/heads/x", "start": "main"}, 400),
        ({"do": "create-branch", "name": "", "start": "main"}, 400),
        ({"do": "create-branch", "name": "é" * 200, "start": "main"}, 400),
        ({"do": "create-branch", "name": "ok", "start": "nope"}, 404),
        ({"do": "create-branch", "name": "main", "start": "main"}, 409),
        ({"do": "delete-branch", "name": "main"}, 403),
        ({"do": "delete-tag", "name": "none"}, 404),
        ({"do": "explode", "name": "x"}, 400),
    ],
)
def test_what_git_or_the_hub_refuses_is_told_on_the_same_page(site, bert, fields, status):
    before = names(site, bert)
    answer = act(site.browser("ada"), **fields)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert names(site, bert) == before


def test_only_who_may_write_sees_forms_and_nobody_else_changes_anything(site, bert):
    eve = site.browser("eve")
    assert 'value="create-branch"' not in eve.page("/ada/bert/refs")
    assert "main" in site.browser().page("/ada/bert/refs")
    assert act(eve, do="create-branch", name="x", start="main").status_code == 403
    site.repo("ada/shut", private=True)
    assert eve.get("/ada/shut/refs").status_code == 404


def test_many_branches_come_in_pages(site, bert):
    for number in range(60):
        repos.create_branch(site.stores, site.ada, bert.kind, bert.full_name, f"b{number:02}", None)
    browser = site.browser("ada")
    html = browser.page("/ada/bert/refs")
    assert ">b48<" in html
    assert ">b50<" not in html
    more = sought(r'href="([^"]+)" rel="next"', html)
    assert ">b59<" in browser.page(more)
