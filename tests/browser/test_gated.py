"""Asking at a gate, and being let in."""

from pathlib import Path

from playwright.sync_api import expect

ORDERS = "/ada/sealed-orders"


def test_a_person_asks_for_access_the_owner_grants_it_and_the_file_comes_down(visit):
    asker = visit()
    page = asker.open(ORDERS)
    expect(page.get_by_role("heading", name="Sealed orders")).to_be_visible()
    page.get_by_role("link", name="Sign in to ask for access").click()
    page.get_by_label("Name or e-mail address").fill("hopper")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/ada/sealed-orders/gate")
    asker.open(f"{ORDERS}/blob/main/orders.txt", 403)
    page.get_by_role("link", name="Ask for access").click()
    page.get_by_label("Company").fill("Navy")
    page.get_by_label("Country").select_option("United States")
    page.get_by_label("Sailing on").fill("2026-05-01")
    page.get_by_label("I want to use this for").select_option("work")
    page.get_by_label("I am over eighteen").check()
    page.get_by_role("button", name="Send my request").click()
    page.wait_for_url("**/ada/sealed-orders")
    expect(page.get_by_text("have not answered yet")).to_be_visible()

    owner = visit().sign_in("ada")
    answers = owner.open(ORDERS)
    expect(answers.get_by_text("wait for your answer")).to_be_visible()
    answers.get_by_role("link", name="Access requests").click()
    line = answers.get_by_role("listitem").filter(has_text="hopper@example.org")
    expect(line.get_by_text("Navy")).to_be_visible()
    line.get_by_role("button", name="Accept hopper").click()
    expect(answers.get_by_text("hopper has access now.")).to_be_visible()

    asker.open(ORDERS)
    expect(page.get_by_text("you have been granted access")).to_be_visible()
    asker.open(f"{ORDERS}/blob/main/orders.txt")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert Path(download.value.path()).read_text() == "Sail at dawn.\n"
    asker.open("/settings/gated-repos")
    line = page.get_by_role("listitem").filter(has_text="ada/sealed-orders")
    expect(line.get_by_text("accepted")).to_be_visible()

    answers.get_by_role("link", name="Accepted").click()
    answers.get_by_role("listitem").filter(has_text="hopper").locator("summary").click()
    line = answers.get_by_role("listitem").filter(has_text="hopper")
    line.get_by_role("textbox").fill("The war is over.")
    line.get_by_role("button", name="Reject", exact=True).click()
    asker.open(ORDERS)
    expect(page.get_by_text("The war is over.")).to_be_visible()
    asker.open(f"{ORDERS}/blob/main/orders.txt", 403)
    owner.open("/settings/security-log")


def test_the_owner_puts_a_gate_up(visit):
    visitor = visit().sign_in("ada")
    page = visitor.open("/ada/empty/settings")
    page.get_by_label("Whoever fills in a form").check()
    page.locator("section", has=page.get_by_role("heading", name="Who may download its files")).get_by_role(
        "button", name="Save"
    ).click()
    expect(page.get_by_text("It is gated now.")).to_be_visible()
    page.get_by_role("link", name="Access requests").click()
    expect(page.get_by_text("Nobody waits")).to_be_visible()
    visitor.open("/ada/empty/settings")
    page.get_by_label("Whoever may see it").check()
    page.locator("section", has=page.get_by_role("heading", name="Who may download its files")).get_by_role(
        "button", name="Save"
    ).click()
    expect(page.get_by_text("It has no gate now.")).to_be_visible()
