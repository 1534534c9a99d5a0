"""Asking at a gate, and being let in."""

from pathlib import Path

ORDERS = "/ada/sealed-orders"


def test_a_person_asks_for_access_the_owner_grants_it_and_the_file_comes_down(visit):
    asker = visit()
    page = asker.open(ORDERS)
    assert page.get_by_role("heading", name="Sealed orders").is_visible()
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
    assert page.get_by_text("have not answered yet").is_visible()

    owner = visit().sign_in("ada")
    answers = owner.open(ORDERS)
    assert answers.get_by_text("wait for your answer").is_visible()
    answers.get_by_role("link", name="Access requests").click()
    line = answers.get_by_role("listitem").filter(has_text="hopper@example.org")
    assert line.get_by_text("Navy").is_visible()
    line.get_by_role("button", name="Accept hopper").click()
    assert answers.get_by_text("hopper has access now.").is_visible()

    asker.open(ORDERS)
    assert page.get_by_text("you have been granted access").is_visible()
    asker.open(f"{ORDERS}/blob/main/orders.txt")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert Path(download.value.path()).read_text() == "Sail at dawn.\n"
    asker.open("/settings/gated-repos")
    assert (
        page.get_by_role("listitem").filter(has_text="ada/sealed-orders").get_by_text("accepted").is_visible()
    )

    answers.get_by_role("link", name="Accepted").click()
    answers.get_by_role("listitem").filter(has_text="hopper").locator("summary").click()
    line = answers.get_by_role("listitem").filter(has_text="hopper")
    line.get_by_role("textbox").fill("The war is over.")
    line.get_by_role("button", name="Reject", exact=True).click()
    asker.open(ORDERS)
    assert page.get_by_text("The war is over.").is_visible()
    asker.open(f"{ORDERS}/blob/main/orders.txt", 403)
    owner.open("/settings/security-log")


def test_the_owner_puts_a_gate_up(visit):
    visitor = visit().sign_in("ada")
    page = visitor.open("/ada/empty/settings")
    page.get_by_label("Whoever fills in a form").check()
    page.locator("section", has=page.get_by_role("heading", name="Who may download its files")).get_by_role(
        "button", name="Save"
    ).click()
    assert page.get_by_text("It is gated now.").is_visible()
    page.get_by_role("link", name="Access requests").click()
    assert page.get_by_text("Nobody waits").is_visible()
    visitor.open("/ada/empty/settings")
    page.get_by_label("Whoever may see it").check()
    page.locator("section", has=page.get_by_role("heading", name="Who may download its files")).get_by_role(
        "button", name="Save"
    ).click()
    assert page.get_by_text("It has no gate now.").is_visible()
