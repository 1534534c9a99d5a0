"""Whoever never opens a terminal makes, fills, changes and deletes a repository."""

import os
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from tests.browser.furnish import PASSWORD

REPO = "/tidewater/harbour-7b"
LARGE = 200 << 20  # bytes


def write(page, text):
    """Replace what is in the code editor."""
    page.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(text)


def drop(page, paths):
    """Drop files and folders of the disk where they can be dropped, as a person's hand would."""
    place = page.locator("[data-drop]").bounding_box()
    spot = {"x": place["x"] + place["width"] / 2, "y": place["y"] + 20}
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    line = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        line.send("Input.dispatchDragEvent", {"type": kind, **spot, "data": data})
    line.detach()


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a large file, small ones, and one in a folder of its own."""
    made = tmp_path / "tide-model"
    (made / "data" / "ünter <b>").mkdir(parents=True)
    with (made / "model.safetensors").open("wb") as file:
        file.write(os.urandom(1 << 20))
        file.truncate(LARGE)
    (made / "config.json").write_text('{"model_type": "bert"}\n')
    (made / "data" / "ünter <b>" / "100% & more.txt").write_text("tides\n")
    return made


def test_a_newcomer_goes_from_joining_to_deleting_in_the_browser_alone(visit, folder):
    visitor = visit()
    page = visitor.open("/join")
    page.get_by_label("Name", exact=True).fill("kittiwake")
    page.get_by_label("E-mail address").fill("kittiwake@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password, once more").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    page.wait_for_url("**/")

    page.get_by_role("link", name="New", exact=True).click()
    page.get_by_label("Name", exact=True).fill("tide-model")
    page.get_by_label("License").select_option("mit")
    page.get_by_role("button", name="Create repository").click()
    page.wait_for_url("**/kittiwake/tide-model")

    page.get_by_role("link", name="Files", exact=True).click()
    page.locator("summary", has_text="Add a file").click()
    page.get_by_role("link", name="Upload files").click()
    drop(page, [folder])
    page.get_by_role("heading", name="3 files, 210 MB").wait_for()
    page.get_by_label("Message").fill("Upload the model")
    page.get_by_role("button", name="Upload", exact=True).click()
    page.wait_for_url("**/kittiwake/tide-model/tree/main", timeout=120_000)
    page.get_by_role("link", name="tide-model", exact=True).last.click()
    page.get_by_role("link", name="model.safetensors", exact=True).wait_for()
    page.get_by_role("link", name="data", exact=True).click()
    page.get_by_role("link", name="ünter <b>", exact=True).click()
    page.get_by_role("link", name="100% & more.txt", exact=True).click()
    expect(page.get_by_text("tides").first).to_be_visible()

    visitor.open("/kittiwake/tide-model")
    page.get_by_role("link", name="Write the card").click()
    visitor.expected = (400,)
    write(
        page,
        "---\nlicense: mit\npipeline_tag: fill-mask\ntags: [tides, water\n---\n# Tide model\n\nIt knows the sea.\n",
    )
    page.get_by_role("button", name="Save the change").click()
    page.get_by_text("did not find expected").first.wait_for()
    expect(page.get_by_role("link", name="5", exact=True)).to_be_visible()
    write(
        page,
        "---\nlicense: mit\npipeline_tag: fill-mask\ntags: [tides, water]\n---\n# Tide model\n\nIt knows the **sea**.\n",
    )
    page.get_by_role("button", name="Preview").click()
    page.locator("[data-look] strong", has_text="sea").wait_for()
    page.get_by_role("button", name="Save the change").click()
    page.wait_for_url("**/blob/main/README.md")

    page = visitor.open("/models?filter=tides")
    page.locator("article", has_text="tide-model").get_by_role("link").first.click()
    page.wait_for_url("**/kittiwake/tide-model")
    page = visitor.open("/search?q=tide-model")
    expect(page.locator("article", has_text="kittiwake/tide-model")).to_be_visible()
    page = visitor.open("/models?pipeline_tag=fill-mask&filter=license:mit&search=tide")
    expect(page.locator("article", has_text="kittiwake/tide-model")).to_be_visible()

    visitor.open("/kittiwake/tide-model/commits/main")
    page.get_by_role("link", name="Update README.md").click()
    expect(page.locator(".diff-add", has_text="It knows the **sea**.")).to_be_visible()

    stranger = visit()
    stranger.open("/kittiwake/tide-model")
    visitor.open("/kittiwake/tide-model/settings")
    page.get_by_label("Private").check()
    page.get_by_role("button", name="Save").first.click()
    page.get_by_text("It is private now").wait_for()
    stranger.open("/kittiwake/tide-model", 401)
    expect(
        stranger.open("/models?search=tide-model").locator("article", has_text="kittiwake/")
    ).to_have_count(0)

    page.get_by_label("Type kittiwake/tide-model to delete it").fill("kittiwake/tide-model")
    page.get_by_role("button", name="Delete this Model").click()
    page.wait_for_url("**/kittiwake")
    visitor.open("/kittiwake/tide-model", 404)


def would_ask(page):
    """Tell whether the page would ask before it is left."""
    return page.evaluate(
        "(() => { const leaving = new Event('beforeunload', {cancelable: true}); "
        "dispatchEvent(leaving); return leaving.defaultPrevented })()"
    )


def test_a_reader_edits_the_card_and_it_becomes_a_pull_request(visit):
    ada = visit().sign_in()
    page = ada.open("/ada/log-11")
    page.get_by_role("link", name="Write the card").click()
    write(page, "# Log one\n\nA calm day.\n")
    page.get_by_role("button", name="Create the file").click()
    page.wait_for_url("**/ada/log-11/blob/main/README.md")

    eve = visit().sign_in("eve")
    page = eve.open("/ada/log-11")
    page.get_by_role("link", name="Edit the card").click()
    expect(page.get_by_text("Commit to main")).to_have_count(0)
    write(page, "# Log one\n\nA windy day.\n")
    page.get_by_role("button", name="Changes").click()
    page.locator(".diff-add", has_text="A windy day.").wait_for()
    page.get_by_label("Message").fill("It was windy")
    page.get_by_role("button", name="Save the change").click()
    page.wait_for_url(re.compile(r"/ada/log-11/discussions/1$"))
    expect(page.get_by_role("heading", name="It was windy")).to_be_visible()
    page = eve.open("/ada/log-11/discussions/1/files")
    expect(page.locator(".diff-add", has_text="A windy day.")).to_be_visible()
    expect(ada.open("/ada/log-11").get_by_text("A calm day.")).to_be_visible()


def test_whoever_was_slower_keeps_their_text_and_decides(visit):
    slow = visit().sign_in("eve")
    page = slow.open(f"{REPO}/edit/main/config.json")
    fast = visit().sign_in().open(f"{REPO}/edit/main/config.json")
    write(fast, '{"fast": true}\n')
    fast.get_by_role("button", name="Save the change").click()
    fast.wait_for_url("**/blob/main/config.json")
    slow.expected = (412,)
    write(page, '{"slow": true}\n')
    page.get_by_role("button", name="Save the change").click()
    page.get_by_text("Somebody changed this file since you opened it").wait_for()
    assert '{"slow": true}' in page.locator(".cm-content").inner_text()
    expect(page.get_by_role("link", name="Update config.json")).to_be_visible()
    assert would_ask(page)
    page.get_by_label("Put my text in its place all the same").check()
    page.get_by_role("button", name="Save the change").click()
    page.wait_for_url("**/blob/main/config.json")
    expect(page.get_by_text('"slow"')).to_be_visible()


def test_unsaved_text_is_not_left_without_a_word(visit):
    page = visit().sign_in().open(f"{REPO}/edit/main/train.py")
    page.locator(".cm-content").click()
    assert not would_ask(page)
    page.keyboard.type("x")
    assert would_ask(page)
    page.keyboard.press("Backspace")
    assert not would_ask(page)


def test_the_editor_is_left_by_tab_and_marks_the_line_of_an_error(visit):
    visitor = visit().sign_in()
    page = visitor.open(f"{REPO}/edit/main/README.md")
    visitor.expected = (200, 400)  # the check of the front matter says it by its status, too
    write(page, "---\nlicense: [mit\n---\n# Harbour\n")
    page.locator(".cm-lint-marker-error").wait_for()
    page.locator(".cm-content").focus()
    page.keyboard.press("Tab")
    page.get_by_label("Message").wait_for()
    assert page.evaluate("document.activeElement.name") in ("summary", "do")


def test_what_a_card_says_is_changed_by_a_form_and_the_keyboard_alone(visit):
    page = visit().sign_in().open("/ada/log-13/new/main?filename=README.md")
    lines = page.locator(".cm-content")
    page.get_by_label("License", exact=True).fill("mit")
    page.keyboard.press("Tab")
    expect(lines).to_contain_text("license: mit")
    page.get_by_label("Languages", exact=True).fill("de")
    page.keyboard.press("Enter")
    page.keyboard.insert_text("fr")
    page.keyboard.press("Enter")
    expect(lines).to_contain_text("- fr")
    expect(page.get_by_label("Languages", exact=True)).to_be_focused()
    page.get_by_role("button", name="Take de out of Languages").click()
    expect(lines).not_to_contain_text("- de")
    write(page, "---\nlicense: bsd\ntags: [tides]\n---\n# Log\n")
    expect(page.get_by_label("License", exact=True)).to_have_value("bsd")
    expect(page.get_by_role("button", name="Take tides out of Tags")).to_be_visible()
    page.get_by_label("Library").fill("timm")
    page.get_by_role("button", name="Create the file").click()
    page.wait_for_url("**/ada/log-13/blob/main/README.md")
    page.goto("/ada/log-13/raw/main/README.md")
    assert "tags: [tides]\nlibrary_name: timm\n---" in page.content()


def test_files_are_written_and_branches_made_without_a_script(visit):
    visitor = visit(java_script_enabled=False).sign_in()
    page = visitor.open("/ada/log-12/new/main")
    page.get_by_role("textbox", name="Name (folders").fill("notes/<b>day 1.md")
    page.get_by_label("Text", exact=True).fill("# Day 1\n\nRain.\n")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="Day 1")).to_be_visible()
    page.get_by_role("button", name="Create the file").click()
    page.wait_for_url("**/ada/log-12/blob/main/notes/*")
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Text", exact=True).fill("# Day 1\n\nSun.\n")
    page.get_by_role("button", name="Save the change").click()
    expect(page.get_by_text("Sun.")).to_be_visible()
    page.locator("summary[aria-label=More]").last.click()
    page.get_by_role("link", name="Rename or move").click()
    page.get_by_label("New path").fill("day.md")
    page.get_by_role("button", name="Rename").click()
    page.wait_for_url("**/ada/log-12/blob/main/day.md")
    page = visitor.open("/ada/log-12/refs")
    page.get_by_label("New branch").fill("winter")
    page.get_by_role("button", name="Create branch").click()
    page.locator("summary[aria-label='Delete winter']").click()
    page.get_by_role("button", name="Delete branch").click()
    expect(page.get_by_role("link", name="winter")).to_have_count(0)
    page = visitor.open("/ada/log-12/delete/main/day.md")
    page.get_by_role("button", name="Delete the file").click()
    page.wait_for_url("**/ada/log-12/tree/main")
    expect(page.get_by_role("link", name="day.md", exact=True)).to_have_count(0)
    assert "hf upload" in visitor.open("/ada/log-12/upload/main").locator("noscript").inner_text()


@pytest.fixture
def weights(tmp_path):
    """Return a file of three parts: the hub of these tests is set to parts of 4 MiB."""
    path = tmp_path / "weights.bin"
    with path.open("wb") as file:
        file.write(os.urandom(1 << 20))
        file.truncate(10 << 20)
    return path


def never(part):
    return False


class Line:
    """What a page sends of large files, and a way to cut it: parts are refused while `cut` says so."""

    def __init__(self, page) -> None:
        self.sent: list[int] = []
        self.batches = 0
        self.cut: Callable[[int], bool] = never
        page.route("**/objects/*/parts/*", self._part)
        page.route("**/objects/batch", self._batch)

    def _part(self, route) -> None:
        part = int(route.request.url.partition("/parts/")[2].partition("?")[0])
        self.sent.append(part)
        if self.cut(part):
            route.abort()
        else:
            route.continue_()

    def _batch(self, route) -> None:
        self.batches += 1
        route.continue_()


def test_a_line_that_breaks_costs_one_part_and_a_page_loaded_again_goes_on(visit, weights):
    visitor = visit().sign_in()
    page = visitor.open("/ada/log-13/upload/main")
    line = Line(page)
    line.cut = lambda part: part == 2 and line.sent.count(2) <= 2
    page.locator("[data-files]").set_input_files(weights)
    page.get_by_role("button", name="Upload", exact=True).click()
    page.wait_for_url("**/ada/log-13/tree/main", timeout=60_000)
    assert sorted(line.sent) == [1, 2, 2, 2, 3]

    page = visitor.open("/ada/log-14/upload/main")
    line.sent.clear()
    line.cut = lambda part: part == 3
    page.locator("[data-files]").set_input_files(weights)
    page.get_by_role("button", name="Upload", exact=True).click()
    page.get_by_text("Nothing was committed").wait_for(timeout=60_000)
    assert page.get_by_role("button", name="Try again").is_enabled()
    assert sorted(set(line.sent)) == [1, 2, 3]

    page = visitor.open("/ada/log-14/upload/main")
    line.sent.clear()
    line.batches, line.cut = 0, never
    page.locator("[data-files]").set_input_files(weights)
    page.get_by_role("button", name="Upload", exact=True).click()
    page.wait_for_url("**/ada/log-14/tree/main", timeout=60_000)
    assert (line.sent, line.batches) == ([3], 0)
    expect(page.get_by_role("link", name="weights.bin", exact=True)).to_be_visible()
    assert page.evaluate("localStorage.length") == 0


def test_a_file_that_changed_without_telling_is_sent_as_it_is_now(visit, weights):
    visitor = visit().sign_in()
    page = visitor.open("/ada/log-15/upload/main")
    line = Line(page)
    line.cut = lambda part: part == 3
    page.locator("[data-files]").set_input_files(weights)
    page.get_by_role("button", name="Upload", exact=True).click()
    page.get_by_text("Nothing was committed").wait_for(timeout=60_000)
    when = weights.stat()
    with weights.open("r+b") as file:
        file.seek(9 << 20)
        file.write(b"changed")
    os.utime(weights, ns=(when.st_atime_ns, when.st_mtime_ns))
    page = visitor.open("/ada/log-15/upload/main")
    visitor.expected = (200, 400)  # the whole is not what was announced
    line.cut = never
    page.locator("[data-files]").set_input_files(weights)
    page.get_by_role("button", name="Upload", exact=True).click()
    page.wait_for_url("**/ada/log-15/tree/main", timeout=60_000)


def test_an_upload_is_stopped_and_proposed_instead(visit, weights):
    visitor = visit().sign_in("eve")
    page = visitor.open("/ada/log-16/upload/main/deep/er")
    line = Line(page)
    line.cut = lambda part: line.sent.count(part) == 1
    page.locator("[data-files]").set_input_files(weights)
    page.get_by_role("button", name="Upload", exact=True).click()
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped, and nothing was committed").wait_for()
    assert page.get_by_label("Message").is_enabled()
    page.get_by_label("Message").fill("Weights for you")
    page.get_by_role("button", name="Upload", exact=True).click()
    page.wait_for_url("**/ada/log-16/discussions/1", timeout=60_000)
    expect(page.get_by_role("heading", name="Weights for you")).to_be_visible()
    page = visitor.open("/ada/log-16/tree/refs%2Fpr%2F1/deep/er")
    expect(page.get_by_role("link", name="weights.bin", exact=True)).to_be_visible()


def test_many_small_files_are_one_commit_and_what_is_ignored_stays_at_home(visit, tmp_path):
    folder = tmp_path / "notes"
    (folder / "sub" / ".git").mkdir(parents=True)
    (folder / "sub" / ".git" / "config").write_text("not for you")
    (tmp_path / ".gitignore").write_text("*.tmp\n")
    for number in range(260):
        (folder / "sub" / f"{number:03}.txt").write_text(f"note {number}\n")
    (folder / "sub" / "junk.tmp").write_text("junk")
    visitor = visit().sign_in()
    page = visitor.open("/datasets/ada/many/upload/main")
    page.locator("[data-folder]").set_input_files(folder)
    page.locator("[data-files]").set_input_files(tmp_path / ".gitignore")
    page.get_by_role("heading", name="262 files").wait_for()
    page.get_by_role("button", name="Upload", exact=True).click()
    page.wait_for_url("**/datasets/ada/many/tree/main", timeout=60_000)
    expect(page.get_by_text("Upload 261 files").first).to_be_visible()
    page = visitor.open("/datasets/ada/many/tree/main/notes/sub")
    expect(page.get_by_role("link", name="000.txt", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="More files")).to_be_visible()
    visitor.open("/datasets/ada/many/blob/main/notes/sub/junk.tmp", 404)


def test_a_wrong_card_among_uploads_is_told_with_its_line_and_can_be_mended(visit, tmp_path):
    card = tmp_path / "README.md"
    card.write_text("---\nlicense: mit\ntags: [a\n---\n")
    visitor = visit().sign_in()
    page = visitor.open("/ada/log-17/upload/main")
    visitor.expected = (200, 400)
    page.locator("[data-files]").set_input_files(card)
    page.get_by_role("button", name="Upload", exact=True).click()
    page.get_by_text("line 4: did not find expected").wait_for()
    card.write_text("---\nlicense: mit\ntags: [a]\n---\n")
    page.locator("[data-files]").set_input_files(card)
    page.get_by_role("button", name="Try again").click()
    page.wait_for_url("**/ada/log-17/tree/main")
