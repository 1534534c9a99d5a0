import pytest

from hubkeep import accounts, repos
from hubkeep.repos import AccessStatus, Changes, Whose

CARD = b"""---
extra_gated_heading: Before you sail
extra_gated_prompt: "You agree **not** to race. <script>alert(1)</script>"
extra_gated_fields:
  Company: text
  "I <b>agree</b>": checkbox
  Use:
    type: select
    options: [Research, {label: Work, value: work}]
---
# Harbour
"""
URL = "/ada/bert"
ANSWERS = {"do": "ask", "field.Company": "Tidewater", "field.I <b>agree</b>": "true", "field.Use": "work"}


@pytest.fixture
def gated(site):
    repo = site.repo(files={"README.md": CARD, "train.py": b"secret = 1\n", "docs/README.md": b"# Inside\n"})
    with site.stores.db.write() as tx:
        return repos.update_settings(tx, site.ada, repo.kind, repo.full_name, Changes(gated="manual"))


def test_a_stranger_reads_the_card_and_is_asked_to_sign_in(site, gated):
    html = site.browser().page(URL)
    assert "Harbour" in html
    assert "Before you sail" in html
    assert 'href="/login?next=/ada/bert/gate"' in html
    assert "field.Company" not in html


def test_the_prompt_is_markdown_and_can_do_nothing(site, gated):
    html = site.browser("eve").page(URL)
    assert "You agree <strong>not</strong> to race." in html
    assert "<script>alert(1)</script>" not in html
    assert "I &lt;b&gt;agree&lt;/b&gt;" in html


@pytest.mark.parametrize(
    "path", ["/blob/main/train.py", "/blob/main/README.md", "/commit/main", "/edit/main/train.py"]
)
def test_pages_that_show_what_is_in_files_are_closed_and_lead_to_the_gate(site, gated, path):
    html = site.browser("eve").page(URL + path, 403)
    assert "secret" not in html
    assert 'href="/ada/bert/gate"' in html
    site.browser().page(URL + path, 401)


@pytest.mark.parametrize("path", ["/tree/main", "/tree/main/docs", "/commits/main", "/refs"])
def test_pages_that_show_names_stay_open(site, gated, path):
    html = site.browser("eve").page(URL + path)
    assert "Inside" not in html


def test_a_person_asks_waits_and_is_let_in(site, gated):
    eve, ada = site.browser("eve"), site.browser("ada")
    refused = eve.send(URL + "/gate", ANSWERS | {"field.Company": ""})
    assert refused.status_code == 400
    assert "Company: must be filled in" in refused.text
    assert '<option value="work" selected>' in refused.text
    asked = eve.send(URL + "/gate", ANSWERS)
    assert (asked.status_code, asked.headers["location"]) == (303, URL)
    assert "have not answered yet" in eve.page(URL)
    assert "1 request</b> waits" in ada.page(URL)
    requests = ada.page(URL + "/settings/access-requests")
    assert "Tidewater" in requests
    assert "eve@example.org" in requests
    done = ada.send(URL + "/settings/access-requests", {"do": "accept", "user": "eve"})
    assert done.status_code == 303
    assert "eve has access now." in ada.page(done.headers["location"])
    assert "you have been granted access" in eve.page(URL)
    assert "secret" in eve.page(URL + "/blob/main/train.py")
    assert "accepted" in eve.page("/settings/gated-repos")


def test_a_person_who_was_rejected_is_told_why_and_cannot_ask_again(site, gated):
    eve = site.browser("eve")
    eve.send(URL + "/gate", ANSWERS)
    fields = {"do": "reject", "user": "eve", "reason": "No <i>sailors</i>"}
    site.browser("ada").send(URL + "/settings/access-requests", fields)
    html = eve.page(URL)
    assert "No &lt;i&gt;sailors&lt;/i&gt;" in html
    assert "field.Company" not in html
    assert (
        eve.send(
            URL + "/gate", ANSWERS, at="/settings/gated-repos" if "form_token" in html else "/new"
        ).status_code
        == 403
    )


def test_a_request_is_taken_back_from_the_list(site, gated):
    eve = site.browser("eve")
    eve.send(URL + "/gate", ANSWERS)
    back = eve.send(URL + "/gate", {"do": "cancel", "back": "list"}, at="/settings/gated-repos")
    assert back.headers["location"] == "/settings/gated-repos"
    assert "You have asked for nothing" in eve.page("/settings/gated-repos")


def test_the_owner_lets_somebody_in_by_name_and_takes_it_back(site, gated):
    ada = site.browser("ada")
    page = URL + "/settings/access-requests"
    wrong = ada.send(page, {"do": "grant", "user": "nobody"})
    assert wrong.status_code == 404
    assert 'value="nobody"' in wrong.text
    ada.send(page, {"do": "grant", "user": "eve"})
    listed = ada.page(page + "?status=accepted")
    assert "Let in by ada" in listed
    assert "eve@example.org" not in listed
    ada.send(page + "?status=accepted", {"do": "reset", "user": "eve"})
    site.browser("eve").page(URL + "/blob/main/train.py", 403)


def test_nobody_else_sees_who_asked(site, gated):
    page = URL + "/settings/access-requests"
    site.browser("eve").page(page, 403)
    assert site.browser().get(page).status_code == 302


def test_a_gate_is_set_up_in_the_settings(site):
    site.repo()
    ada = site.browser("ada")
    fields = {"do": "gate", "gated": "auto", "email": "gate@example.org", "mode": "real-time", "members": "1"}
    done = ada.send(URL + "/settings", fields)
    assert done.headers["location"] == URL + "/settings?done=gate"
    html = ada.page(done.headers["location"])
    assert "It is gated now." in html
    assert 'value="gate@example.org"' in html
    eve = site.browser("eve")
    eve.send(URL + "/gate", {"do": "ask"})
    assert "you have been granted access" in eve.page(URL)
    for wrong in ({"gated": "yes"}, {"mode": "never"}, {"email": "nobody"}):
        assert ada.send(URL + "/settings", fields | wrong).status_code == 400
    ada.send(URL + "/settings", {"do": "gate", "gated": ""})
    assert site.browser().get(URL + "/gate").headers["location"] == URL


def test_long_lists_have_pages(site, gated):
    with site.stores.db.write() as tx:
        for number in range(60):
            accounts.add_user(tx, f"p{number}", f"p{number}@example.org")
            repos.grant_access(tx, site.ada, gated.kind, gated.full_name, Whose(f"p{number}"))
    ada = site.browser("ada")
    first = ada.page(URL + "/settings/access-requests?status=accepted")
    assert first.count('class="line access-request"') == 50
    second = ada.page(
        first.split('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    )
    assert second.count('class="line access-request"') == 10
    ada.page(URL + "/settings/access-requests?from=x", 400)
    ada.page(URL + "/settings/access-requests?status=maybe", 400)
    assert AccessStatus.ACCEPTED.value in first
