"""Discussions and pull requests in the browser."""

import re

import pytest
from tests.browser.talk import propose

from hubkeep.community import discussions
from hubkeep.repos import Kind

BERT = (Kind.MODEL, "ada/bert")
HERE = "/ada/bert/discussions"


def first_in(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found is not None, text
    return str(found[1])


@pytest.fixture
def bert(site):
    return site.repo("ada/bert", files={"README.md": b"# Bert\n", "a.txt": b"one\ntwo\n"})


def opened(site, title="A question", text="Why?", actor=None):
    with site.stores.db.write() as tx:
        return discussions.create(tx, actor or site.eve, *BERT, title, text)


def events(html):
    return re.findall(r'<article class="panel comment[^"]*" id="([0-9a-f]{24})"', html)


def test_a_repository_without_discussions_teaches_how_to_open_one(site, bert):
    html = site.browser().page(HERE)
    assert "Nothing is open" in html
    assert "--create-pr" in html
    assert f'href="{HERE}/new"' in html


def test_the_tab_counts_what_is_open(site, bert):
    opened(site)
    assert 'Community<span class="tab-number">1<' in site.browser().page("/ada/bert")
    site.browser("ada").send(f"{HERE}/1", {"do": "close"})
    assert "tab-number" not in site.browser().page("/ada/bert")


def test_a_stranger_is_led_to_the_door(site, bert):
    answer = site.browser().get(f"{HERE}/new")
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("/login?next=/ada/bert/discussions/new")


def test_a_discussion_from_its_opening_to_its_end(site, bert):
    eve, ada = site.browser("eve"), site.browser("ada")
    fields = {"type": "discussion", "title": "Why so slow?", "description": "It **crawls**."}
    answer = eve.send(f"{HERE}/new", fields)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HERE}/1")
    html = ada.page(f"{HERE}/1")
    assert "<strong>crawls</strong>" in html
    answer = ada.send(f"{HERE}/1", {"do": "comment", "comment": "Use a cache."})
    assert answer.headers["location"].startswith(f"{HERE}/1?last=1#")
    first, second = events(eve.page(f"{HERE}/1"))
    eve.send(f"{HERE}/1", {"do": "edit", "event": first, "content": "It **flies**."})
    html = eve.page(f"{HERE}/1")
    assert "flies" in html
    assert f'href="{HERE}/1/history/{first}"' in html
    assert "crawls" in eve.page(f"{HERE}/1/history/{first}")
    eve.send(f"{HERE}/1", {"do": "react", "event": second, "reaction": "heart", "on": "1"})
    assert 'aria-pressed="true" title="eve"' in eve.page(f"{HERE}/1")
    for fields in (
        {"do": "rename", "title": "It flies"},
        {"do": "close", "comment": "Done."},
        {"do": "open"},
        {"do": "mute", "on": "1"},
    ):
        assert eve.send(f"{HERE}/1", fields).status_code == 303, fields
    html = eve.page(f"{HERE}/1")
    assert "changed the title from <del>Why so slow?</del>" in html
    assert "Done." in html
    assert "You hear nothing of this" in html
    ada.send(f"{HERE}/1", {"do": "hide", "event": second, "reason": "Resolved"})
    html = eve.page(f"{HERE}/1")
    assert "Hidden by ada: Resolved" in html
    assert "Use a cache" not in html
    assert eve.get(f"{HERE}/1/history/{second}").status_code == 404
    assert ada.send(f"{HERE}/1", {"do": "delete"}).headers["location"] == HERE


def test_who_may_not_do_it_has_no_button_and_is_refused_all_the_same(site, bert):
    opened(site, actor=site.ada)
    eve = site.browser("eve")
    html = eve.page(f"{HERE}/1")
    for button in ("Pin", "Lock", "Rename", "Edit", "Hide", "Close"):
        assert f">{button}<" not in html
    event = events(html)[0]
    for fields in (
        {"do": "pin", "on": "1"},
        {"do": "lock", "on": "1"},
        {"do": "close"},
        {"do": "rename", "title": "Mine now"},
        {"do": "edit", "event": event, "content": "Mine now"},
        {"do": "hide", "event": event},
        {"do": "delete"},
    ):
        answer = eve.send(f"{HERE}/1", fields)
        assert answer.status_code == 403, fields
        assert 'role="alert"' in answer.text
    site.browser("ada").send(f"{HERE}/1", {"do": "lock", "on": "1"})
    html = eve.page(f"{HERE}/1")
    assert "This is locked" in html
    assert "hk-comment-text" not in html
    assert (
        eve.send(f"{HERE}/1", {"do": "comment", "comment": "but"}, at="/settings/tokens").status_code == 403
    )


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"do": "comment", "comment": "  "}, "must not be empty"),
        ({"do": "comment", "comment": "x" * 65_537}, "at most 65,536"),
        ({"do": "rename", "title": "ab"}, "at least 3"),
        ({"do": "react", "event": "0" * 24, "reaction": "heart", "on": "1"}, "no such comment"),
        ({"do": "react", "event": "1", "reaction": "poop", "on": "1"}, "must be one of"),
        ({"do": "hide", "event": "1", "reason": "Bad taste"}, "must be one of"),
        ({"do": "nonsense"}, "must be one of"),
        ({"do": "merge"}, "is a discussion, not a pull request"),
    ],
)
def test_a_refusal_says_why_and_keeps_what_was_written(site, bert, fields, says):
    opened(site)
    answer = site.browser("ada").send(f"{HERE}/1", fields)
    assert 400 <= answer.status_code < 500
    assert says in answer.text
    if "comment" in fields and fields["comment"].strip():
        assert fields["comment"] in answer.text


def test_lists_are_narrowed_and_pages_follow_each_other(site, bert):
    for number in range(27):
        opened(site, f"Number {number:02}", actor=site.eve if number else site.ada)
    propose(site.stores, site.eve, BERT, "A proposal", {"a.txt": b"three\n"})
    browser = site.browser("ada")
    first = browser.page(HERE)
    assert first.count('<li class="talk-line') == 25
    second = browser.page(first_in(r'href="([^"]+)" rel="next"', first).replace("&amp;", "&"))
    assert second.count('<li class="talk-line') == 3
    assert browser.page(f"{HERE}?type=pull_request").count('<li class="talk-line') == 1
    assert browser.page(f"{HERE}?author=ada").count('<li class="talk-line') == 1
    assert browser.page(f"{HERE}?search=number+03").count('<li class="talk-line') == 1
    assert "Nothing fits" in browser.page(f"{HERE}?author=nobody")
    assert "Nothing is closed" in browser.page(f"{HERE}?status=closed")
    browser.send(f"{HERE}/3", {"do": "pin", "on": "1"})
    assert "Number 02" in browser.page(HERE).split("Number 26")[0]
    for query in ("status=half", "type=song", "sort=worst", "p=x", "p=999999"):
        assert browser.get(f"{HERE}?{query}").status_code == 400


def test_a_long_discussion_is_shown_page_by_page_and_every_comment_has_an_address(site, bert):
    num = opened(site).discussion.num
    with site.stores.db.write() as tx:
        ids = [discussions.comment(tx, site.ada, *BERT, num, f"No {n}.").event for n in range(100)]
    browser = site.browser("ada")
    first = browser.page(f"{HERE}/1")
    assert len(events(first)) == 40
    assert "Why?" in first
    last = browser.page(f"{HERE}/1?last=1")
    assert "No 99." in last
    assert len(events(last)) == 40
    earlier = first_in(r'href="([^"]+)" rel="prev"', last)
    assert "No 59." in browser.page(earlier)
    middle = f"{int(ids[50].at.timestamp()):08x}{ids[50].id:016x}"
    assert f'id="{middle}"' in browser.page(f"{HERE}/1?at={middle}")
    for query in ("after=x", "before=1e3", "after=99999999999999999999"):
        assert browser.get(f"{HERE}/1?{query}").status_code == 400


def test_a_quotation_is_ready_to_be_answered(site, bert):
    event = opened(site, text="First\nsecond").event
    id_ = f"{int(event.at.timestamp()):08x}{event.id:016x}"
    assert "&gt; First\n&gt; second" in site.browser("ada").page(f"{HERE}/1?quote={id_}")


def test_a_text_is_shown_as_it_will_look(site, bert):
    browser = site.browser("ada")
    answer = browser.send("/ada/bert/preview", {"text": "**now** @eve"}, at=f"{HERE}/new")
    assert answer.text == '<p><strong>now</strong> <a class="spoken" href="/eve">@eve</a></p>\n'
    assert browser.post("/ada/bert/preview", data={"text": "x"}).status_code == 403
    long = browser.send("/ada/bert/preview", {"text": "x" * 65_537}, at=f"{HERE}/new")
    assert long.status_code == 400


def test_discussions_are_switched_off_and_on_again(site, bert):
    opened(site)
    ada, eve = site.browser("ada"), site.browser("eve")
    assert eve.send(HERE, {"discussions": "off"}, at=f"{HERE}/new").status_code == 403
    assert ada.send(HERE, {"discussions": "off"}).status_code == 303
    assert "Discussions are switched off" in eve.page(HERE, 403)
    assert 'href="/ada/bert/discussions"' not in eve.page("/ada/bert")
    assert eve.get(f"{HERE}/1").status_code == 403
    assert ada.send(HERE, {"discussions": "on"}).status_code == 303
    assert "A question" in eve.page(HERE)


def test_a_private_repository_has_no_discussions_for_others(site):
    site.repo("ada/plans", private=True)
    with site.stores.db.write() as tx:
        discussions.create(tx, site.ada, Kind.MODEL, "ada/plans", "Hush", "")
    for path in ("", "/1", "/new", "/1/files"):
        assert site.browser("eve").get(f"/ada/plans/discussions{path}").status_code == 404


def test_a_pull_request_is_reviewed_and_merged(site, bert):
    num = propose(
        site.stores, site.eve, BERT, "Three is better", {"a.txt": b"one\nthree\n", "b.txt": b"new\n"}
    )
    ada, eve = site.browser("ada"), site.browser("eve")
    html = ada.page(f"{HERE}/{num}")
    assert "It can be merged" in html
    assert f"git fetch origin refs/pr/{num}:pr/{num}" in html
    assert f"git push origin pr/{num}:refs/pr/{num}" in html
    assert ">Merge<" not in eve.page(f"{HERE}/{num}")
    files = ada.page(f"{HERE}/{num}/files")
    assert "2 files" in files
    assert '<td class="text">three</td>' in files
    edit = f'href="/ada/bert/edit/refs%2Fpr%2F{num}/a.txt"'
    assert edit in files
    assert edit in eve.page(f"{HERE}/{num}/files")
    assert edit not in site.browser().page(f"{HERE}/{num}/files")
    assert eve.get(f"/ada/bert/edit/refs%2Fpr%2F{num}/a.txt").status_code == 200
    assert "Three is better" in ada.page(f"{HERE}/{num}/commits")
    assert eve.send(f"{HERE}/{num}", {"do": "merge"}).status_code == 403
    assert ada.send(f"{HERE}/{num}", {"do": "merge", "comment": "Thank you"}).status_code == 303
    html = ada.page(f"{HERE}/{num}")
    assert "Merged into main" in html
    assert "Thank you" in html
    assert "2 files" in ada.page(f"{HERE}/{num}/files")
    assert "three" in ada.page("/ada/bert/blob/main/a.txt")
    assert eve.send(f"{HERE}/{num}", {"do": "delete-ref"}).status_code == 303
    assert "deleted the branch" in ada.page(f"{HERE}/{num}")
    for path in ("files", "commits"):
        ada.page(f"{HERE}/{num}/{path}")


def test_conflicts_are_named(site, bert):
    num = propose(site.stores, site.eve, BERT, "Mine", {"a.txt": b"mine\n"})
    site.commit(bert, {"a.txt": b"theirs\n"})
    ada = site.browser("ada")
    html = ada.page(f"{HERE}/{num}")
    assert "It cannot be merged as it is" in html
    assert "<code>a.txt</code>" in html
    assert ">Merge<" not in html
    answer = ada.send(f"{HERE}/{num}", {"do": "merge"})
    assert answer.status_code == 409
    assert "a.txt" in answer.text


def test_a_draft_is_opened_filled_and_published(site, bert):
    eve = site.browser("eve")
    fields = {"type": "pull_request", "title": "To be filled", "description": "", "base": "main"}
    assert eve.send(f"{HERE}/new?type=pull_request", fields).headers["location"] == f"{HERE}/1"
    html = eve.page(f"{HERE}/1")
    assert "A draft" in html
    assert "It changes nothing yet" in html
    assert "No file is changed" in eve.page(f"{HERE}/1/files")
    assert "No commits" in eve.page(f"{HERE}/1/commits")
    assert eve.send(f"{HERE}/1", {"do": "open"}).status_code == 303
    assert "status-open" in eve.page(f"{HERE}/1")
    assert site.browser("ada").send(f"{HERE}/1", {"do": "merge"}).status_code == 409


def test_a_discussion_has_no_files_or_commits(site, bert):
    opened(site)
    for path in ("files", "commits"):
        assert site.browser().get(f"{HERE}/1/{path}").status_code == 400
    assert site.browser().get(f"{HERE}/9").status_code == 404


def test_pages_of_old_names_lead_to_the_new_ones(site, bert):
    opened(site)
    answer = site.browser().get("/ADA/Bert/discussions/1")
    assert (answer.status_code, answer.headers["location"]) == (307, f"{HERE}/1")
