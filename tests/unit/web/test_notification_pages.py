"""The bell, the page behind it, its settings, and webhooks."""

import re

import pytest

from hubkeep import repos
from hubkeep.community import discussions, notifications, webhooks
from hubkeep.community.webhooks import Wish
from hubkeep.repos import AccessStatus, Changes, Kind, Whose

BERT = (Kind.MODEL, "ada/bert")


def first_in(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found is not None, text
    return str(found[1])


@pytest.fixture
def told(site):
    """Three discussions of eve's in ada's model; one calls ada by name."""
    site.repo("ada/bert")
    with site.stores.db.write() as tx:
        for title, text in (("One", "?"), ("Two", "@ada?"), ("Three", "?")):
            discussions.create(tx, site.eve, *BERT, title, text)
    site.work()
    return site


def bell(html):
    found = re.search(r'class="bell-number" aria-hidden="true">([^<]+)<', html)
    return found[1] if found else ""


def boxes(html):
    return re.findall(r'name="(n-\d+)"', html)


def test_the_bell_counts_and_looking_is_reading(told):
    ada = told.browser("ada")
    assert bell(ada.page("/")) == "3"
    assert bell(told.browser("eve").page("/")) == ""
    assert "Notifications" not in told.browser().page("/")
    ada.page("/ada/bert/discussions/1")
    assert bell(ada.page("/")) == "2"


def gate(site):
    site.repo("ada/bert")
    with site.stores.db.write() as tx:
        repos.update_settings(tx, site.ada, *BERT, Changes(gated="manual"))


def ask(site, who):
    with site.stores.db.write() as tx:
        repos.ask_access(tx, who, *BERT, {})
    site.work()


def test_who_keeps_a_gate_is_told_who_waits_there_until_they_looked_or_answered(site):
    gate(site)
    ada = site.browser("ada")
    assert bell(ada.page("/")) == ""
    ask(site, site.eve)
    assert bell(ada.page("/")) == "1"
    html = ada.page("/notifications")
    assert '<a href="/ada/bert/settings/access-requests">1 person waits for your answer</a>' in html
    assert "Requests for access" not in site.browser("eve").page("/notifications")
    repo = first_in(r'name="repo" value="(\d+)"', html)
    assert ada.send("/notifications", {"do": "gate", "repo": repo}).status_code == 303
    assert bell(ada.page("/")) == ""
    assert "Requests for access" not in ada.page("/notifications")
    assert "1 person waits" in ada.page("/notifications?show=all")
    with site.stores.db.write() as tx:
        repos.handle_access_request(tx, site.ada, *BERT, Whose("eve"), AccessStatus.ACCEPTED)
    site.work()
    assert "1 person waits" not in ada.page("/notifications?show=all")


def test_a_request_that_was_taken_back_is_told_of_no_more(site):
    gate(site)
    ask(site, site.eve)
    with site.stores.db.write() as tx:
        repos.cancel_my_access_request(tx, site.eve, *BERT)
    ada = site.browser("ada")
    assert bell(ada.page("/")) == ""
    assert "Requests for access" not in ada.page("/notifications?show=all")


def test_who_wants_to_hear_of_no_requests_hears_of_none(site):
    gate(site)
    with site.stores.db.write() as tx:
        notifications.set_switches(tx, site.ada, {"gated_user_access_request": False})
    ask(site, site.eve)
    assert bell(site.browser("ada").page("/")) == ""


def test_the_bell_stops_counting_at_a_hundred(site):
    site.repo("ada/bert")
    with site.stores.db.write() as tx:
        for number in range(103):
            discussions.create(tx, site.eve, *BERT, f"Number {number}", "?")
    site.work()
    assert bell(site.browser("ada").page("/")) == "99+"


def test_notifications_are_chosen_marked_and_let_go(told):
    ada = told.browser("ada")
    html = ada.page("/notifications")
    first, second, third = boxes(html)
    ada.send("/notifications", {"do": "read", first: "1", second: "1"})
    assert boxes(ada.page("/notifications")) == [third]
    assert len(boxes(ada.page("/notifications?show=all"))) == 3
    ada.send("/notifications?show=all", {"do": "unread", first: "1"})
    assert len(boxes(ada.page("/notifications"))) == 2
    ada.send("/notifications", {"do": "clear", third: "1"})
    assert len(boxes(ada.page("/notifications?show=all"))) == 2
    assert len(boxes(ada.page("/notifications?show=all&why=mentions"))) == 1
    until = first_in(r'name="until" value="([^"]+)"', ada.page("/notifications"))
    ada.send("/notifications", {"do": "read", "all": "1", "until": until})
    assert "All read" in ada.page("/notifications")
    ada.send("/notifications?show=all", {"do": "clear", "all": "1", "until": until})
    assert "Nothing to tell you" in ada.page("/notifications?show=all")


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("", {"do": "read"}),
        ("", {"do": "burn", "n-1": "1"}),
        ("", {"do": "read", "n-x": "1"}),
        ("", {"do": "read", "all": "1", "until": "now"}),
        ("?show=some", {}),
        ("?why=because", {}),
        ("?p=x", {}),
    ],
)
def test_what_makes_no_sense_is_refused(told, query, fields):
    ada = told.browser("ada")
    if fields:
        assert ada.send("/notifications", fields).status_code == 400
    else:
        assert ada.get(f"/notifications{query}").status_code == 400


def test_nobody_marks_what_is_anothers(told):
    (first, *_) = boxes(told.browser("ada").page("/notifications"))
    told.browser("eve").send("/notifications", {"do": "clear", first: "1"}, at="/settings/tokens")
    assert len(boxes(told.browser("ada").page("/notifications"))) == 3


def test_switches_are_kept_and_obeyed(told):
    ada = told.browser("ada")
    ada.send("/settings/notifications", {"do": "switches", "web_discussions_participating": "1"})
    html = ada.page("/settings/notifications?done=1")
    assert "Saved." in html
    assert re.search(r'name="web_discussions_participating" value="1"[^>]*checked', html)
    assert not re.search(r'name="web_discussions_watched" value="1"[^>]*checked', html)
    with told.stores.db.write() as tx:
        discussions.create(tx, told.eve, *BERT, "Four", "?")
        discussions.create(tx, told.eve, *BERT, "Five", "@ada?")
    told.work()
    html = ada.page("/notifications")
    assert "Five" in html
    assert "Four" not in html


@pytest.mark.parametrize("path", ["/notifications", "/settings/notifications", "/settings/webhooks"])
def test_a_stranger_is_led_to_the_door(site, path):
    assert site.browser().get(path).headers["location"].startswith("/login?next=")


def test_a_webhook_is_made_changed_switched_and_deleted(site):
    site.repo("ada/bert")
    ada = site.browser("ada")
    assert "You have none yet" in ada.page("/settings/webhooks")
    fields = {
        "url": "https://example.org/hook",
        "watched": "user/ada\nmodel/ada/bert",
        "domain-repo": "1",
        "secret": "psst",
    }
    here = ada.send("/settings/webhooks", fields).headers["location"].partition("?")[0]
    html = ada.page(here)
    assert "https://example.org/hook" in html
    assert "psst" not in html
    assert "user/ada\nmodel/ada/bert" in html or "model/ada/bert\nuser/ada" in html
    changed = {
        "do": "change",
        "url": "https://example.org/other",
        "watched": "user/ada",
        "domain-discussion": "1",
    }
    assert ada.send(here, changed).headers["location"] == f"{here}?done=changed"
    with site.stores.db.read() as tx:
        (hook,) = webhooks.list_webhooks(tx, site.ada)
    assert (hook.url, hook.secret, [one.value for one in hook.domains]) == (
        "https://example.org/other",
        "psst",
        ["discussion"],
    )
    ada.send(here, {"do": "off"})
    assert ">Switch on<" in ada.page(here)
    ada.send(here, {"do": "on"})
    ada.send(
        here, {"do": "change", "url": hook.url, "watched": "user/ada", "domain-repo": "1", "no_secret": "1"}
    )
    with site.stores.db.read() as tx:
        assert webhooks.list_webhooks(tx, site.ada)[0].secret == ""
    assert site.browser("eve").get(here).status_code == 404
    assert site.browser("eve").send(here, {"do": "delete"}, at="/settings/webhooks").status_code == 404
    assert ada.send(here, {"do": "delete"}).headers["location"] == "/settings/webhooks"
    assert ada.get(here).status_code == 404


@pytest.mark.parametrize(
    ("over", "says"),
    [
        ({"url": "ftp://example.org"}, "url"),
        ({"watched": ""}, "must name something"),
        ({"watched": "song/ada"}, "must look like"),
        ({"watched": "model/ada/none"}, "none"),
        ({"domain-repo": ""}, "at least one"),
        ({"secret": "ä"}, "ASCII"),
    ],
)
def test_a_wrong_webhook_is_refused_and_says_why(site, over, says):
    ada = site.browser("ada")
    fields = {"url": "https://example.org/hook", "watched": "user/ada", "domain-repo": "1"} | over
    answer = ada.send("/settings/webhooks", fields)
    assert 400 <= answer.status_code < 500
    assert says in answer.text


def test_the_log_of_a_webhook_is_shown_and_replayed(site):
    site.repo("ada/bert")
    with site.stores.db.write() as tx:
        wish = Wish(site.stores.settings.url, "https://nowhere.invalid/", [("user", "ada")])
        hook = webhooks.create(tx, site.ada, wish)
        discussions.create(tx, site.ada, *BERT, "Told", "?")
    site.work()
    ada = site.browser("ada")
    here = first_in(r'href="(/settings/webhooks/[0-9a-f]{24})"', ada.page("/settings/webhooks"))
    html = ada.page(here)
    assert "waiting" in html
    assert "&#34;title&#34;: &#34;Told&#34;" in html
    with site.stores.db.read() as tx:
        ((delivery,), _) = webhooks.deliveries(tx, site.ada, hook.id)
    assert ada.send(here, {"do": "replay", "delivery": str(delivery.id)}).status_code == 303
    with site.stores.db.read() as tx:
        assert len(webhooks.deliveries(tx, site.ada, hook.id)[0]) == 2
    assert ada.send(here, {"do": "replay", "delivery": "999"}).status_code == 404
