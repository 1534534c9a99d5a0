"""Can a person do it?"""

import re

import pytest
from playwright.sync_api import expect

REPO = "/tidewater/harbour-7b"


def test_a_person_signs_in_makes_a_repository_and_deletes_it(visit):
    page = visit().sign_in().page
    page.get_by_role("link", name="New", exact=True).click()
    page.get_by_label("Dataset").check()
    page.get_by_label("Owner").select_option("tidewater")
    page.get_by_label("Name", exact=True).fill("swell")
    page.get_by_role("radio", name="Private").check()
    page.get_by_role("button", name="Create repository").click()
    page.wait_for_url("**/datasets/tidewater/swell")
    expect(page.get_by_text("No card yet")).to_be_visible()
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("Name", exact=True).fill("swell-2")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_text("It is called tidewater/swell-2 now")).to_be_visible()
    delete = page.get_by_role("button", name="Delete this Dataset")
    assert delete.is_disabled()
    page.get_by_label("Type tidewater/swell-2 to delete it").fill("tidewater/swell-2")
    delete.click()
    page.wait_for_url("**/tidewater")
    expect(page.get_by_text("swell-2")).to_have_count(0)


def test_a_person_makes_a_token_sees_it_once_and_revokes_it(visit):
    visitor = visit()
    page = visitor.sign_in().page
    visitor.open("/settings/tokens")
    page.get_by_label("What is it for?").fill("laptop")
    page.get_by_label("Write").check()
    page.get_by_role("button", name="Create token").click()
    assert re.fullmatch(r"hf_\w{34,}", page.locator(".notice-good .snippet code").first.inner_text())
    visitor.open("/settings/tokens")
    expect(page.locator(".notice-good")).to_have_count(0)
    page.get_by_role("button", name="Revoke laptop").click()
    expect(page.get_by_text("You have none yet")).to_be_visible()


def test_a_person_joins_and_signs_out(visit):
    visitor = visit()
    page = visitor.open("/join")
    page.get_by_label("Name", exact=True).fill("tern")
    page.get_by_label("E-mail address").fill("tern@example.org")
    page.get_by_label("Password", exact=True).fill("a long enough one")
    page.get_by_label("Password, once more").fill("a long enough one")
    page.get_by_role("button", name="Join").click()
    page.locator("summary[aria-label='Your menu']").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()


def test_a_person_finds_a_model_and_walks_to_a_line_of_its_source(visit):
    visitor = visit()
    page = visitor.open("/")
    page.get_by_role("combobox").fill("harbour")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="tidewater/harbour-7b").click()
    page.get_by_role("link", name="Files").click()
    page.locator("summary", has_text="main").click()
    page.get_by_role("link", name="feature/long").click()
    page.wait_for_url("**/tree/feature%2Flong")
    page.get_by_role("link", name="train.py", exact=True).click()
    page.get_by_role("link", name="7", exact=True).click()
    expect(page).to_have_url(re.compile("#L7$"))
    page.get_by_role("link", name="9", exact=True).click(modifiers=["Shift"])
    expect(page).to_have_url(re.compile("#L7-L9$"))
    expect(page.locator(".is-marked")).to_have_count(3)
    page.reload()
    expect(page.locator(".is-marked")).to_have_count(3)


def test_the_search_box_offers_what_a_few_letters_may_mean(visit):
    visitor = visit()
    page = visitor.open("/")
    box = page.get_by_role("combobox")
    box.press_sequentially("tid")
    page.get_by_role("option").first.wait_for()
    expect(page.get_by_role("option", name="tidewater/tide-tables")).to_be_visible()
    expect(page.get_by_role("option", name="ada/secret-plans")).to_have_count(0)
    box.press("ArrowDown")
    chosen = page.locator('[aria-selected="true"]').inner_text()
    box.press("Enter")
    page.wait_for_url(f"**/{chosen}")
    box = page.get_by_role("combobox")
    box.press_sequentially("secret")
    box.press("Escape")
    box.press("Enter")
    page.wait_for_url("**/search?q=secret")
    visitor.sign_in().open("/")
    page.get_by_role("combobox").press_sequentially("secret")
    page.get_by_role("option", name="ada/secret-plans").click()
    page.wait_for_url("**/ada/secret-plans")


def wait_for_copy(page, wanted):
    """Wait until the clipboard has a text: browsers copy in their own time."""
    for _ in range(300):
        if wanted in (copied := page.evaluate("navigator.clipboard.readText()")):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"copied was {copied!r}")


def test_commands_are_copied_with_a_click(visit):
    visitor = visit(permissions=["clipboard-read", "clipboard-write"])
    page = visitor.open(REPO)
    page.locator("summary", has_text="Get the files").click()
    page.locator(".get-files").get_by_role("button", name="Copy the commands").first.click()
    wait_for_copy(page, f"export HF_ENDPOINT={visitor.hub.url}\nhf download tidewater/harbour-7b")
    page.keyboard.press("Escape")
    expect(page.locator("details.get-files[open]")).to_have_count(0)
    page.locator(".prose .copyable").first.hover()
    page.get_by_role("button", name="Copy the code").first.click()
    wait_for_copy(page, "from_pretrained")


def test_the_choice_of_light_or_dark_is_remembered_and_nothing_flashes(visit):
    visitor = visit(color_scheme="light")
    page = visitor.open("/")
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(paper)
    page.get_by_role("button", name="Switch between light and dark").click()
    dark = page.evaluate(paper)
    assert light != dark
    visitor.open("/models")
    assert page.evaluate(paper) == dark
    assert 'data-theme="dark"' in page.request.get("/models").text()


def test_everything_can_be_reached_by_keyboard(visit):
    page = visit().open("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "hk-main"
    page.keyboard.press("Tab")
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(outline) != "none"


def test_pages_work_without_scripts(visit):
    visitor = visit(java_script_enabled=False).sign_in()
    page = visitor.open(REPO)
    page.locator("summary", has_text="Get the files").click()
    expect(page.get_by_text("GIT_LFS_SKIP_SMUDGE=1")).to_be_visible()
    visitor.open("/new")
    page.get_by_label("Space", exact=True).check()
    page.get_by_label("Made with (Spaces only)").select_option("static")
    page.get_by_label("Name", exact=True).fill("plain")
    page.get_by_role("button", name="Create repository").click()
    page.wait_for_url("**/spaces/ada/plain")
    visitor.open("/spaces/ada/plain/settings")
    page.get_by_label("Type ada/plain to delete it").fill("ada/plain")
    page.get_by_role("button", name="Delete this Space").click()
    page.wait_for_url("**/ada")


def test_a_wrong_password_keeps_the_name_and_says_so(visit):
    visitor = visit()
    page = visitor.open("/login?next=/new")
    visitor.expected = (401,)
    page.get_by_label("Name or e-mail address").fill("ada")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.get_by_label("Name or e-mail address").input_value() == "ada"


@pytest.mark.parametrize(
    "page_of", ["README.md", "x.svg", "x.html", "x.csv", "%3Cimg%20src=x%20onerror=alert(3)%3E.txt"]
)
def test_hostile_files_do_nothing_on_their_pages(visit, page_of):
    visitor = visit().sign_in()
    visitor.tolerated = (404,)  # pictures that the hostile card names and nobody has
    visitor.open("/ada/hostile")
    for path in (f"blob/main/{page_of}", f"blob/main/{page_of}?plain=1", f"resolve/main/{page_of}"):
        visitor.page.goto(f"/ada/hostile/{path}", wait_until="load")
        visitor.page.wait_for_timeout(50)
