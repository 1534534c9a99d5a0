"""A real hub and a real browser. Whatever a page does wrong by itself fails the test that opened it."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)
from tests.browser.furnish import PASSWORD, furnish
from tests.clients.harness.server import Server
from tests.tools.ports import free_port

# How long a page may take on a machine that has other things to do, in milliseconds.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file together on one hub, when several processes share the work; looks only look, and are spread."""
    for item in items:
        if item.path.name != "test_looks.py":
            item.add_marker(pytest.mark.xdist_group(item.path.name))


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("hub")
    furnish(folder / "data")
    with Server(
        folder,
        HUBKEEP_JOIN="true",
        HUBKEEP_LFS__RESEND_BYTES=str(4 << 20),
        HUBKEEP_SSH__PORT=str(free_port()),
    ) as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "Chromium is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


# Statuses are checked by `_response`; the other tells that a user's file tried to act, and was kept from it.
_HARMLESS = ("Failed to load resource", "Blocked script execution")


class Visitor:
    """Somebody with a browser. Notes everything that pages must not do."""

    def __init__(self, hub: Server, chromium: Browser, **options: Any) -> None:
        self.hub, self.faults = hub, list[str]()
        self.context: BrowserContext = chromium.new_context(
            base_url=hub.url, **({"viewport": WIDE} | options)
        )
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = self.context.new_page()
        self.expected: tuple[int, ...] = ()
        self.tolerated: tuple[int, ...] = ()  # of what a page shows, at any moment
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))
        self.page.on("dialog", self._dialog)
        self.page.on("request", self._request)
        self.page.on("response", self._response)

    def open(self, path: str, status: int = 200) -> Page:
        self.expected = (status,)
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == status, (path, answer.status)
        return self.page

    def sign_in(self, name: str = "ada") -> "Visitor":
        page = self.open("/login")
        page.get_by_label("Name or e-mail address").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/")
        return self

    def close(self) -> None:
        self.context.close()
        assert self.faults == []

    def _console(self, message: ConsoleMessage) -> None:
        if "inline event handler" in message.text and "/page/diagram-frame.js" in message.text:
            return  # what draws diagrams puts their words where a handler would run, were it not for the frame's policy
        if message.type == "error" and not message.text.startswith(_HARMLESS):
            self.faults.append(f"{self.page.url}: {message.text}")

    def _dialog(self, dialog) -> None:
        self.faults.append(f"{self.page.url}: a script ran: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.hub.url, "data:")):
            self.faults.append(f"{self.page.url}: asked another host for {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected + self.tolerated:
            self.faults.append(f"{self.page.url}: {response.status} for {response.url}")


@pytest.fixture
def visit(hub: Server, chromium: Browser) -> Iterator[Callable[..., Visitor]]:
    """Make visitors; all are checked when the test ends."""
    made: list[Visitor] = []

    def visit(**options: Any) -> Visitor:
        made.append(Visitor(hub, chromium, **options))
        return made[-1]

    yield visit
    for visitor in made:
        visitor.close()


@pytest.fixture
def shots() -> Path | None:
    """Return the folder for pictures, when somebody wants to look: HUBKEEP_SHOTS."""
    folder = os.environ.get("HUBKEEP_SHOTS")
    return Path(folder) if folder else None
