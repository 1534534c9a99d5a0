"""Two people and a model: one asks and proposes, the other is told, answers, reviews and merges."""

import re

import pytest
from playwright.sync_api import expect
from tests.browser.talk import propose

from hubkeep import accounts
from hubkeep.kit import Settings
from hubkeep.opening import open_stores
from hubkeep.repos import Kind

MODEL = "/ada/log-00"
HOSTILE = "/ada/hostile"


@pytest.fixture
def proposal(hub):
    """A pull request of eve's, opened as the client opens one; its number."""
    stores = open_stores(Settings(data=hub.folder / "data"))
    with stores.db.read() as tx:
        eve = accounts.actor_of(tx, accounts.user_named(tx, "eve").id, can_write=True)
    num = propose(
        stores, eve, (Kind.MODEL, "ada/log-01"), "Say what it is", {"README.md": b"# A log\n\nOf waves.\n"}
    )
    stores.db.close()
    return num


def bell(page):
    """Return the number on the bell, 0 for none."""
    name = page.get_by_role("link", name=re.compile("^Notifications")).first.get_attribute("aria-label")
    found = re.search(r"(\d+)\+? unread", name)
    return int(found[1]) if found else 0


def wait_for_bell(page, more_than):
    """Reload until a notification arrives: they are told by a job."""
    for _ in range(300):
        page.reload()
        if bell(page) > more_than:
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"the bell still says {bell(page)}")


def open_notification(page, title):
    """Follow a notification. Others may have come before it: jobs tell them one after the other."""
    page.wait_for_url("**/notifications*")
    link = page.get_by_role("link", name=title).first
    for _ in range(300):
        if link.count():
            break
        page.wait_for_timeout(200)
        page.reload()
    link.click()


def test_a_comment_is_told_answered_and_reacted_to(visit):
    ada, eve = visit().sign_in("ada"), visit().sign_in("eve")
    before = bell(ada.open("/notifications"))
    page = eve.open(MODEL)
    page.get_by_role("link", name="Community").click()
    page.get_by_role("link", name="New discussion").click()
    page.get_by_label("Title").fill("How loud is it?")
    page.get_by_label("Description").fill("I **measured** 40 dB, @ada.\n\n- once\n- twice")
    page.get_by_role("button", name="Preview").click()
    page.locator("[data-preview] strong", has_text="measured").wait_for()
    expect(page.locator("[data-preview] a.spoken", has_text="@ada")).to_have_count(1)
    page.get_by_role("button", name="Open the discussion").click()
    page.wait_for_url(f"**{MODEL}/discussions/*")
    expect(page.locator(".comment strong", has_text="measured")).to_be_visible()
    there = page.url

    page = ada.page
    wait_for_bell(page, before)
    page.get_by_role("link", name=re.compile("^Notifications")).first.click()
    open_notification(page, "How loud is it?")
    page.wait_for_url(re.compile(re.escape(there)))
    page.get_by_label("React").first.click()
    page.get_by_role("button", name="thumbs up").first.click()
    page.locator(".reaction[aria-pressed=true]").wait_for()
    page.get_by_label("Your comment").fill("Louder than `log-02`.")
    page.get_by_role("button", name="Comment", exact=True).click()
    page.locator(".comment", has_text="Louder than").wait_for()
    page.goto("/notifications")
    expect(page.get_by_role("link", name="How loud is it?")).to_have_count(0)

    page = eve.page
    page.goto(there)
    expect(page.locator(".reaction", has_text="1")).to_be_visible()
    page.locator(".comment", has_text="Louder than").get_by_role("link", name="Quote").click()
    expect(page.get_by_label("Your comment")).to_have_value("> Louder than `log-02`.\n\n")
    page.reload()
    expect(page.get_by_label("Your comment")).to_have_value(re.compile("^> Louder"))
    page.get_by_role("button", name="Close", exact=True).click()
    page.locator(".status-closed").first.wait_for()


def test_a_pull_request_is_reviewed_and_merged(visit, proposal):
    ada = visit().sign_in("ada")
    page = ada.open(f"/ada/log-01/discussions/{proposal}")
    expect(page.get_by_role("heading", name="It can be merged")).to_be_visible()
    page.get_by_role("link", name="Files changed").click()
    expect(page.locator(".diff-add .text", has_text="Of waves.")).to_be_visible()
    page.get_by_role("link", name="Commits").click()
    expect(page.get_by_role("link", name="Say what it is").first).to_be_visible()
    page.get_by_role("link", name="Conversation").click()
    page.get_by_label("Say something with it").fill("Thank you!")
    page.get_by_role("button", name="Merge").click()
    page.get_by_role("heading", name="Merged into main").wait_for()
    expect(page.locator(".said", has_text="Thank you!")).to_be_visible()
    page.get_by_role("link", name="Card").click()
    expect(page.get_by_text("Of waves.")).to_be_visible()


def test_a_heart_stays_without_a_reload_and_is_there_after_one(visit):
    page = visit().sign_in("eve").open("/ada/log-03")
    page.evaluate("window.still = true")
    page.get_by_role("button", name="Like").click()
    page.locator(".like[aria-pressed=true]").wait_for()
    assert page.evaluate("window.still")
    page.reload()
    expect(page.locator(".like[aria-pressed=true]")).to_be_visible()
    page.get_by_title("Who likes it").click()
    expect(page.get_by_role("link", name="eve").last).to_be_visible()


def test_without_a_script_everything_is_a_form(visit):
    visitor = visit(java_script_enabled=False).sign_in("eve")
    page = visitor.open("/ada/log-04")
    page.get_by_role("button", name="Like").click()
    expect(page.get_by_role("button", name="Liked")).to_be_visible()
    visitor.open("/ada/log-04/discussions/new")
    page.get_by_label("Title").fill("Without a script")
    page.get_by_label("Description").fill("It works.")
    page.get_by_role("button", name="Open the discussion").click()
    page.get_by_label("Your comment").fill("And so does this.")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".said", has_text="And so does this.")).to_be_visible()
    page.locator("summary", has_text="Edit").last.click()
    page.get_by_label("Change the comment").last.fill("And so does that.")
    page.get_by_role("button", name="Save").last.click()
    expect(page.locator(".said", has_text="And so does that.")).to_be_visible()
    page.get_by_role("link", name="edited").click()
    expect(page.locator(".said", has_text="And so does this.")).to_be_visible()


def test_a_picture_is_dropped_into_a_comment(visit):
    page = visit().sign_in("eve").open("/ada/log-05/discussions/new")
    page.get_by_label("Title").fill("A picture")
    png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    page.evaluate(
        """(png) => {
            const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
            const data = new DataTransfer();
            data.items.add(new File([bytes], "wave](x).png", { type: "image/png" }));
            const area = document.querySelector("textarea[name=description]");
            area.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }));
        }""",
        png,
    )
    expect(page.get_by_label("Description")).to_have_value(re.compile(r"/uploads/[0-9a-f]+\.png"))
    page.get_by_role("button", name="Open the discussion").click()
    picture = page.locator(".comment img")
    picture.wait_for()
    assert picture.evaluate("(image) => image.complete && image.naturalWidth") == 1


def test_things_in_a_collection_are_put_in_order_by_arrow_and_by_dragging(visit):
    visitor = visit().sign_in("ada")
    page = visitor.open("/ada/collections")
    page.get_by_role("link", name="Water, measured").click()
    names = page.locator(".collection-item .repo-line-name")
    first, second, third = names.all_inner_texts()
    page.get_by_role("button", name=f"Move {first} down").click()
    page.wait_for_url(re.compile("#hk-item"))
    expect(names).to_have_text([second, first, third])
    page.locator(".collection-item").nth(2).drag_to(page.locator(".collection-item").nth(0))
    expect(page.locator(".repo-line-name").first).to_have_text(third)
    expect(names).to_have_text([third, second, first])


def test_a_link_to_a_comment_of_a_long_discussion_finds_its_page(visit):
    visitor = visit()
    page = visitor.open("/datasets/ada/many/discussions/1?last=1")
    last = page.locator(".comment").last.get_attribute("id")
    page.goto("/models")
    page.goto(f"/datasets/ada/many/discussions/1#{last}")
    page.wait_for_url(re.compile(f"at={last}"))
    expect(page.locator(f"[id='{last}']")).to_be_visible()


@pytest.mark.parametrize(
    "path",
    [
        f"{HOSTILE}/discussions",
        f"{HOSTILE}/discussions/1",
        f"{HOSTILE}/discussions/1?last=1",
        f"{HOSTILE}/discussions/2",
        f"{HOSTILE}/discussions/2/files",
        f"{HOSTILE}/discussions/2/commits",
        "/eve/collections",
        "/notifications?show=all",
        "/activity?of=everybody",
        "/eve",
        "/",
    ],
)
def test_no_text_that_people_write_acts_on_any_page(visit, path):
    visitor = visit().sign_in("ada")
    visitor.tolerated = (404,)  # pictures that hostile texts name and nobody has
    page = visitor.open(path)
    page.wait_for_timeout(50)
    for link in page.locator(".collection-title a").all()[:1]:
        visitor.open(link.get_attribute("href"))
        page.wait_for_timeout(50)
