"""A team at work, in the browser alone: invite, propose, review, merge, be told, ask, let in, and see it all written down."""

import re

from playwright.sync_api import expect
from tests.browser.test_community import bell, open_notification, wait_for_bell
from tests.browser.test_editing import write
from tests.browser.test_organizations import invite, make


def test_a_team_works_together_and_its_log_tells_what_was_done(visit):
    ada, eve, grace = (visit().sign_in(name) for name in ("ada", "eve", "hopper"))

    # Ada makes an organization and invites Eve, who may look around.
    make(ada, "deep-sea", "Deep Sea")
    invite(ada.page, "eve", "read")
    ada.page.get_by_text("eve is invited").wait_for()
    page = eve.open("/deep-sea")
    page.get_by_role("link", name="Answer").click()
    page.get_by_role("button", name="Accept the invitation to deep-sea").click()
    page.wait_for_url("**/deep-sea")

    # Ada makes a model with a card, behind a gate that she opens by hand.
    page = ada.open("/new?owner=deep-sea")
    page.get_by_label("Name", exact=True).fill("sounder")
    page.get_by_role("button", name="Create repository").click()
    page.wait_for_url("**/deep-sea/sounder")
    page.get_by_role("link", name="Write the card").click()
    write(page, "---\nlicense: mit\n---\n# Sounder\n\nHow deap is it?\n")
    page.get_by_role("button", name="Create the file").click()
    page.wait_for_url("**/deep-sea/sounder/blob/main/README.md")

    # Eve may not write, and mends the card all the same: it becomes a pull request.
    before = bell(ada.open("/notifications"))
    page = eve.open("/deep-sea/sounder")
    page.get_by_role("link", name="Edit the card").click()
    expect(page.get_by_text("Commit to main")).to_have_count(0)
    write(page, "---\nlicense: mit\n---\n# Sounder\n\nHow deep is it?\n")
    page.get_by_label("Message").fill("Spell deep")
    page.get_by_role("button", name="Save the change").click()
    page.wait_for_url(re.compile(r"/deep-sea/sounder/discussions/1$"))

    # Ada is told, looks at the difference and merges.
    wait_for_bell(ada.open("/"), before)
    page = ada.open("/notifications")
    open_notification(page, "Spell deep")
    page.get_by_role("link", name="Files changed").click()
    page.locator(".diff-add", has_text="How deep is it?").wait_for()
    page.locator(".diff-del", has_text="How deap is it?").wait_for()
    page.get_by_role("link", name="Conversation").click()
    page.get_by_label("Say something with it").fill("Well seen.")
    page.get_by_role("button", name="Merge").click()
    page.get_by_role("heading", name="Merged into main").wait_for()
    eve.open("/deep-sea/sounder").get_by_text("How deep is it?").wait_for()

    # The model gets a gate. Grace, who belongs to nobody here, asks; Ada lets her in.
    page = ada.open("/deep-sea/sounder/settings")
    page.get_by_label("Whom you let in").check()
    page.locator("section", has=page.get_by_role("heading", name="Who may download its files")).get_by_role(
        "button", name="Save"
    ).click()
    page.get_by_text("It is gated now.").wait_for()
    grace.open("/deep-sea/sounder/blob/main/.gitattributes", 403)
    page = grace.open("/deep-sea/sounder/gate")
    page.get_by_role("button", name="Send request").click()
    page.wait_for_url("**/deep-sea/sounder")
    page = ada.open("/deep-sea/sounder")
    page.get_by_role("link", name="Access requests").click()
    page.get_by_role("button", name="Accept hopper").click()
    page.get_by_text("hopper has access now.").wait_for()
    grace.open("/deep-sea/sounder/blob/main/.gitattributes")

    # All of it is written down, for those who administer the organization.
    page = ada.open("/organizations/deep-sea/settings/audit-log")
    for line in ("eve", "hopper", "sounder"):
        expect(page.locator("main .line-text > p", has_text=line).first, line).to_be_visible()
    eve.open("/organizations/deep-sea/settings/audit-log", 403)
    grace.open("/organizations/deep-sea/settings/audit-log", 403)
