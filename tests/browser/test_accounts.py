"""A person's own account: a second factor, fine-grained tokens, sessions."""

import re

import pyotp
from playwright.sync_api import expect
from tests.browser.furnish import PASSWORD

from hubkeep.kit import now


def test_a_second_factor_is_set_up_asked_for_and_turned_off(visit):
    page = visit().sign_in("eve").page
    page.goto("/settings/authentication")
    page.get_by_role("link", name="Set up an app").click()
    secret = page.locator("#hk-secret").inner_text().replace(" ", "")
    expect(page.locator(".scan-picture svg")).to_be_visible()
    app = pyotp.TOTP(secret)
    page.get_by_label("The six digits").fill(app.at(now()))
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Turn it on").click()
    codes = re.findall(r"(?:[a-z2-9]{4}-){3}[a-z2-9]{4}", page.locator(".snippet code").inner_text())
    assert len(codes) == 10

    other = visit()
    other.expected = (401,)
    there = other.open("/login")
    there.get_by_label("Name or e-mail address").fill("eve")
    there.get_by_label("Password").fill(PASSWORD)
    there.get_by_role("button", name="Sign in").click()
    other.expected = (200, 401)
    there.get_by_label("Code").fill("not a code")
    there.get_by_role("button", name="Sign in").click()
    there.get_by_role("alert").wait_for()
    there.get_by_label("Code").fill(codes[0])
    there.get_by_role("button", name="Sign in").click()
    there.wait_for_url("**/")

    page.goto("/settings/authentication")
    assert "9 recovery codes" in page.locator("main").inner_text()
    page.get_by_role("button", name="Sign out everywhere else").click()
    page.get_by_text("Signed out there.").wait_for()
    other.expected = (200,)
    there.goto("/settings/authentication")
    assert "/login" in there.url
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Turn it off").click()
    page.get_by_text("The password alone signs you in again.").wait_for()


def test_a_fine_grained_token_is_made_by_ticking(visit):
    page = visit().sign_in("ada").page
    page.goto("/settings/tokens")
    page.get_by_label("What is it for?").fill("nightly job")
    boxes = page.get_by_role("group", name="Organization tidewater")
    assert boxes.is_hidden()
    page.get_by_label("Only what I tick").check()
    boxes.get_by_label("Read repositories").check()
    page.get_by_label("Which ones, one a line").fill("ada/secret-plans")
    page.get_by_role("group", name="Single repositories").get_by_label("Commit and push").check()
    page.get_by_role("button", name="Create token").click()
    made = page.locator("section", has=page.get_by_role("heading", name="Here is"))
    value = made.locator("code").first.inner_text().strip()
    me = page.request.get("/api/whoami-v2", headers={"Authorization": f"Bearer {value}"}).json()
    scoped = me["auth"]["accessToken"]["fineGrained"]["scoped"]
    assert {(one["entity"]["name"], *one["permissions"]) for one in scoped} == {
        ("tidewater", "repo.content.read"),
        ("ada/secret-plans", "repo.content.write"),
    }
    page.goto("/settings/tokens")
    page.get_by_role("link", name="nightly job").click()
    boxes = page.get_by_role("group", name="Organization tidewater")
    expect(boxes.get_by_label("Read repositories")).to_be_checked()
    page.get_by_role("button", name="Revoke this token").click()
    page.get_by_text("Whatever used it is locked out now.").wait_for()


def test_a_profile_is_changed_and_shown(visit):
    page = visit().sign_in("ada").page
    page.goto("/settings/profile")
    page.get_by_label("About you").fill("Reads tide tables.")
    page.get_by_label("Web site").fill("https://example.org/ada")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    page.goto("/ada")
    assert "Reads tide tables." in page.locator("main").inner_text()
