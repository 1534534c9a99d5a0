"""Cards and files as people read them, with scripts and without."""

from playwright.sync_api import expect
from tests.unit.web.hostile import CORPUS

CARD = "/tidewater/lighthouse-chat"


def test_a_card_is_all_there_without_scripts(visit):
    page = visit(java_script_enabled=False).open(CARD)
    for text in ("Keeps ships off the rocks", "Model tree", "Results", "Use it", "flowchart LR"):
        expect(page.get_by_text(text).first).to_be_visible()
    assert page.locator(".prose math").count() >= 3
    assert page.locator(".prose math").first.bounding_box()["width"] > 10
    expect(page.locator("svg.spark")).to_be_visible()
    expect(page.get_by_text("AutoModelForCausalLM").first).to_be_visible()


def test_a_diagram_is_drawn_in_a_frame_and_its_text_folded(visit):
    page = visit().open(CARD)
    drawn = page.frame_locator(".diagram-frame").locator("svg")
    drawn.wait_for()
    page.locator(".diagram-text").wait_for()
    assert "Lamp lit?" in drawn.text_content()
    expect(page.get_by_text("flowchart LR")).not_to_be_visible()
    page.get_by_text("As text").click()
    expect(page.get_by_text("flowchart LR")).to_be_visible()
    for _ in range(1200):
        if page.locator(".diagram-frame").first.bounding_box()["height"] > 60:
            break
        page.wait_for_timeout(50)
    else:
        raise AssertionError("the frame does not grow with what it draws")


def test_the_frame_of_a_diagram_has_no_origin(visit):
    visitor = visit()
    page = visitor.open(CARD)
    page.frame_locator(".diagram-frame").locator("svg").wait_for()
    frame = next(frame for frame in page.frames if frame.url.endswith("/-/diagram"))
    assert frame.evaluate("self.origin") == "null"
    cookie = "(() => { try { return document.cookie } catch (error) { return error.name } })()"
    assert frame.evaluate(cookie) == "SecurityError"
    assert frame.evaluate("fetch('/api/whoami-v2').then(() => 'asked', () => 'refused')") == "refused"
    visitor.faults.clear()  # the browser says that it refused


def test_hostile_diagrams_do_nothing(visit):
    visitor = visit()
    found = [
        f"h{number:03}.md" for number, text in enumerate(CORPUS) if "mermaid" in text or "diagram" in text
    ]
    assert found
    for name in found:
        page = visitor.open(f"/ada/hostile/blob/main/{name}")
        page.wait_for_load_state("networkidle")
        expect(page.locator("img[onerror]")).to_have_count(0)


def test_who_wrote_a_line_is_one_click_from_the_file(visit):
    page = visit().open("/tidewater/cabinet/blob/main/notes.txt")
    page.get_by_role("link", name="Blame").click()
    page.wait_for_url("**/blame/main/notes.txt")
    page.get_by_role("link", name="Say more").first.click()
    page.wait_for_url("**/commit/*")
    expect(page.locator(".diff-add mark").first).to_be_visible()


def test_two_revisions_are_picked_and_compared(visit):
    page = visit().open("/tidewater/cabinet/compare")
    page.get_by_label("From").fill("v1")
    page.get_by_label("to", exact=True).fill("main")
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**/compare/v1...main")
    expect(page.get_by_text("2 commits")).to_be_visible()
