"""What people say becomes HTML that can do nothing, in which names and numbers lead somewhere."""

import pytest
from tests.unit.web.hostile import CORPUS
from tests.unit.web.policy import breaches

from hubkeep.community import discussions, notifications
from hubkeep.web.said import said


def shown(site, repo, text, actor=None):
    with site.stores.db.read() as tx:
        spoken = notifications.spoken_of(tx, actor or site.ada, repo, [text])
        return str(said(text, repo, spoken, "e1-"))


@pytest.fixture
def repo(site):
    made = site.repo("ada/bert", files={"README.md": b"# Bert\n"})
    with site.stores.db.write() as tx:
        discussions.create(tx, site.ada, made.kind, made.full_name, "First", "")
    return made


def test_names_of_people_and_numbers_of_discussions_become_links(site, repo):
    html = shown(site, repo, "Ask @eve or @Tidewater about #1, not @nobody about #99.")
    assert '<a class="spoken" href="/eve">@eve</a>' in html
    assert 'href="/tidewater">@Tidewater</a>' in html
    assert 'href="/ada/bert/discussions/1">#1</a>' in html
    assert "@nobody" in html
    assert html.count("<a ") == 3


@pytest.mark.parametrize(
    "text", ["`@eve #1`", "```\n@eve\n```", "[@eve #1](https://example.org)", "eve@eve.org", "a#1"]
)
def test_code_links_and_addresses_call_nobody(site, repo, text):
    assert "spoken" not in shown(site, repo, text)


def test_a_discussion_elsewhere_is_linked_only_for_those_who_may_see_it(site, repo):
    secret = site.repo("ada/plans", private=True)
    with site.stores.db.write() as tx:
        discussions.create(tx, site.ada, secret.kind, secret.full_name, "Hush", "")
    text = "See ada/plans#1 and models/ada/bert#1"
    assert 'href="/ada/plans/discussions/1"' in shown(site, repo, text)
    assert "/ada/plans/" not in shown(site, repo, text, site.eve)
    assert 'href="/ada/bert/discussions/1"' in shown(site, repo, text, site.eve)


def test_ids_of_two_comments_never_clash(site, repo):
    html = shown(site, repo, "# Title\n\nNote[^1]\n\n[^1]: there")
    assert 'id="e1-title"' in html
    assert 'href="#e1-title"' in html
    assert 'id="title"' not in html


def test_each_line_is_a_line(site, repo):
    assert "one\ntwo<br>three" in shown(site, repo, "one\ntwo  \nthree")


@pytest.mark.parametrize("text", CORPUS)
def test_hostile_texts_can_do_nothing(site, repo, text):
    assert breaches(shown(site, repo, f"{text} @eve #1")) == []


def test_an_attribute_with_a_sign_in_it_is_left_alone(site, repo):
    html = shown(site, repo, '<img src="https://example.org/x.png" alt="a > @eve #1 < b" title="@eve">')
    assert "spoken" not in html
    assert "@eve" in html
