"""Whoever never opens a terminal makes, fills, changes and deletes a repository."""

import os
import re

import pytest
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
    page.get_by_label("Name", exact=True).fill("mary")
    page.get_by_label("E-mail address").fill("mary@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password, once more").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    page.wait_for_url("**/")

    page.get_by_role("link", name="New", exact=True).click()
    page.get_by_label("Name", exact=True).fill("tide-model")
    page.get_by_label("License").select_option("mit")
    page.get_by_role("button", name="Create repository").click()
    page.wait_for_url("**/mary/tide-model")

    page.get_by_role("link", name="Files", exact=True).click()
    page.locator("summary", has_text="Add a file").click()
    page.get_by_role("link", name="Upload files").click()
    drop(page, [folder])
    page.get_by_text("3 files, 210 MB").wait_for()
    page.get_by_label("Message").fill("Upload the model")
    page.get_by_role("button", name="Upload", exact=True).click()
    page.wait_for_url("**/mary/tide-model/tree/main", timeout=120_000)
    page.get_by_role("link", name="tide-model", exact=True).last.click()
    page.get_by_role("link", name="model.safetensors", exact=True).wait_for()
    page.get_by_role("link", name="data", exact=True).click()
    page.get_by_role("link", name="ünter <b>", exact=True).click()
    page.get_by_role("link", name="100% & more.txt", exact=True).click()
    assert page.get_by_text("tides").first.is_visible()

    visitor.open("/mary/tide-model")
    page.get_by_role("link", name="Edit the card").click()
    visitor.expected = (400,)
    write(
        page,
        "---\nlicense: mit\npipeline_tag: fill-mask\ntags: [tides, water\n---\n# Tide model\n\nIt knows the sea.\n",
    )
    page.get_by_role("button", name="Save the change").click()
    page.get_by_text("did not find expected").first.wait_for()
    assert page.get_by_role("link", name="5", exact=True).is_visible()
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
    page.wait_for_url("**/mary/tide-model")
    page = visitor.open("/search?q=tide-model")
    assert page.locator("article", has_text="mary/tide-model").is_visible()
    page = visitor.open("/models?pipeline_tag=fill-mask&filter=license:mit&search=tide")
    assert page.locator("article", has_text="mary/tide-model").is_visible()

    visitor.open("/mary/tide-model/commits/main")
    page.get_by_role("link", name="Update README.md").click()
    assert page.locator(".diff-add", has_text="It knows the **sea**.").is_visible()

    stranger = visit()
    stranger.open("/mary/tide-model")
    visitor.open("/mary/tide-model/settings")
    page.get_by_label("Private").check()
    page.get_by_role("button", name="Save").first.click()
    page.get_by_text("It is private now").wait_for()
    stranger.open("/mary/tide-model", 401)
    assert stranger.open("/models?search=tide-model").locator("article", has_text="mary/").count() == 0

    page.get_by_label("Type mary/tide-model to delete it").fill("mary/tide-model")
    page.get_by_role("button", name="Delete this Model").click()
    page.wait_for_url("**/mary")
    visitor.open("/mary/tide-model", 404)
