"""Working together: invite a colleague, who accepts; give them another role; see them leave. And those who try more."""

import re

import pytest
from playwright.sync_api import expect

EVIL = '<img src=x onerror="alert(1)"><script>alert(2)</script>'


def make(visitor, name, fullname="The Lab"):
    page = visitor.open("/organizations/new")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Full name").fill(fullname)
    page.get_by_role("button", name="Create organization").click()
    page.wait_for_url(f"**/organizations/{name}/settings/members?done=made")
    return page


def invite(page, who, role):
    page.get_by_label("User name or e-mail address").fill(who)
    page.get_by_label("Role", exact=True).first.select_option(role)
    page.get_by_role("button", name="Invite", exact=True).click()


def test_a_colleague_is_invited_accepts_gets_another_role_and_leaves(visit):
    ada, eve = visit().sign_in("ada"), visit().sign_in("eve")
    page = make(ada, "coast-lab")
    invite(page, "eve", "read")
    page.get_by_text("eve is invited").wait_for()
    page.get_by_role("heading", name="Invited, not answered yet").wait_for()

    theirs = eve.open("/coast-lab")
    theirs.get_by_text("ada invites you").or_(
        theirs.get_by_text("invites you to join coast-lab")
    ).first.wait_for()
    theirs.get_by_role("link", name="Answer").click()
    theirs.get_by_role("button", name="Accept the invitation to coast-lab").click()
    theirs.wait_for_url("**/coast-lab")
    theirs.goto("/new?owner=coast-lab")
    expect(theirs.get_by_label("Owner").locator("option", has_text="coast-lab")).to_have_count(
        0
    )  # may only read

    page = ada.open("/organizations/coast-lab/settings/members")
    page.get_by_label("Role of eve").select_option("contributor")
    page.get_by_role("button", name="Change the role of eve").click()
    page.get_by_text("eve has another role now").wait_for()
    theirs.goto("/new?owner=coast-lab")
    expect(theirs.get_by_label("Owner").locator("option", has_text="coast-lab")).to_have_count(1)

    theirs.goto("/settings/organizations")
    theirs.get_by_role("button", name="Leave coast-lab").click()
    theirs.get_by_text("You left coast-lab").wait_for()
    page.reload()
    expect(page.get_by_label("Role of eve")).to_have_count(0)


def test_the_last_administrator_is_told_why_they_cannot_leave(visit):
    ada = visit().sign_in("ada")
    make(ada, "lonely-lab")
    page = ada.open("/settings/organizations")
    ada.expected = (409,)
    page.get_by_role("button", name="Leave lonely-lab").click()
    page.get_by_text("needs an administrator").wait_for()


def test_a_link_lets_one_person_in_and_then_nobody(visit):
    ada = visit().sign_in("ada")
    page = make(ada, "link-lab")
    page.get_by_label("For how many people").fill("1")
    page.get_by_role("button", name="Create a link").click()
    page.get_by_role("heading", name="A new link to join by").wait_for()
    link = re.search(r"/organizations/link-lab/share\?code=[\w-]+", page.content())
    assert link
    stranger = visit()
    shown = stranger.open(link[0])
    shown.get_by_role("link", name="Sign in to join").click()
    shown.get_by_label("Name or e-mail address").fill("eve")
    shown.get_by_label("Password").fill("correct horse battery")
    shown.get_by_role("button", name="Sign in").click()
    shown.get_by_role("button", name="Join link-lab").click()
    shown.wait_for_url("**/link-lab")
    visit().open(link[0], 404).get_by_text("not valid").first.wait_for()
    visit().open("/organizations/link-lab/share?code=guess", 404)
    visit().open("/organizations/coast-lab/share?code=", 404)


def test_a_group_keeps_a_repository_among_its_members(visit):
    ada, eve = visit().sign_in("ada"), visit().sign_in("eve")
    page = make(ada, "group-lab")
    invite(page, "eve", "write")
    eve.open("/settings/organizations").get_by_role(
        "button", name="Accept the invitation to group-lab"
    ).click()
    page = ada.open("/organizations/group-lab/settings/resource-groups")
    page.get_by_label("Name", exact=True).fill("Vision")
    page.get_by_role("button", name="Create group").click()
    page.get_by_role("heading", name="Vision", exact=True).wait_for()
    group = page.url
    page.goto("/new?owner=group-lab")
    page.get_by_label("Name", exact=True).fill("eyes")
    page.get_by_label(re.compile("^Private")).check()
    page.get_by_role("button", name="Create repository").click()
    page.wait_for_url("**/group-lab/eyes")
    eve.open("/group-lab/eyes")
    page.goto(group)
    page.get_by_label("A repository of group-lab").fill("eyes")
    page.get_by_role("button", name="Add the repository").click()
    page.get_by_text("It is in the group now").wait_for()
    eve.open("/group-lab/eyes", 404)
    page.get_by_label("A member of group-lab").fill("eve")
    page.get_by_role("button", name="Add to the group").click()
    page.get_by_text("They are in the group now").wait_for()
    eve.open("/group-lab/eyes")


def test_texts_of_an_organization_are_text(visit):
    ada = visit().sign_in("ada")
    make(ada, "text-lab", EVIL)
    page = ada.open("/organizations/text-lab/settings/profile")
    page.get_by_label("What is it about?").fill(EVIL)
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    for path in (
        "/text-lab",
        "/organizations/text-lab/settings/members",
        "/settings/organizations",
        "/search?q=text-lab",
    ):
        page = ada.open(path)
        expect(page.locator("img[src=x]")).to_have_count(0)
    page = ada.open("/organizations/text-lab/settings/profile")
    ada.expected = (400,)
    page.get_by_label("Web site").evaluate("field => field.type = 'text'")
    page.get_by_label("Web site").fill("javascript:alert(1)")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("must be an address").wait_for()


@pytest.mark.parametrize("page", ["profile", "members", "resource-groups"])
def test_settings_are_for_administrators(visit, page):
    path = f"/organizations/tidewater/settings/{page}"
    visit().sign_in("eve").open(path, 403)  # writes there
    stranger = visit()
    stranger.open(path)
    assert "/login" in stranger.page.url
    visit().sign_in("ada").open(path)


def test_a_form_from_elsewhere_changes_nothing(visit):
    ada = visit().sign_in("ada")
    page = ada.open("/organizations/tidewater/settings/members")
    ada.expected = (403,)
    status = page.evaluate(
        """async () => (await fetch(location.href, {method: "POST", redirect: "manual",
        headers: {"content-type": "application/x-www-form-urlencoded"},
        body: "do=invite&who=eve&role=admin"})).status"""
    )
    assert status == 403
