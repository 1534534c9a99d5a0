"""Large files from a browser to a hub whose blobs live in a bucket: straight there, or through the hub when that fails."""

import os
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from tests.browser.conftest import Visitor
from tests.browser.furnish import PASSWORD
from tests.clients.harness.server import Server
from tests.tools import swift_s3

from hubkeep.kit.settings import StorageSettings
from hubkeep.storage import bucket_of

PART = 5 << 20  # bytes: the smallest that S3 takes


class Place(NamedTuple):
    """A hub, and the bucket that keeps its blobs."""

    hub: Server
    bucket: StorageSettings


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("bucket")
    with swift_s3.serving(folder / "swift") as endpoint:
        bucket = swift_s3.make_bucket(endpoint, "hub")
        settings = swift_s3.environment(bucket)
        with Server(
            folder / "hub", HUBKEEP_JOIN="true", HUBKEEP_LFS__RESEND_BYTES=str(PART), **settings
        ) as hub:
            yield Place(hub, bucket)


class Sender(Visitor):
    """Somebody whose page may talk to the bucket; notes which parts went where."""

    def __init__(self, place: Place, chromium, name: str) -> None:
        self.bucket = f"{place.bucket.endpoint}/"
        super().__init__(place.hub, chromium)
        self.straight: list[int] = []
        self.through_the_hub: list[int] = []
        self.name = name
        page = self.open("/join")
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_label("E-mail").fill(f"{name}@example.org")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("Password, once more").fill(PASSWORD)
        page.get_by_role("button", name="Join").click()
        page.wait_for_url("**/")
        made = page.request.post(
            "/api/repos/create", data={"name": "big", "type": "model"}, headers={"Origin": self.hub.url}
        )
        assert made.ok, made.text()

    def choose(self, file) -> None:
        self.open(f"/{self.name}/big/upload/main").locator("[data-files]").set_input_files(file)

    def send(self) -> None:
        self.page.get_by_role("button", name="Upload", exact=True).click()

    def arrived(self) -> None:
        self.page.wait_for_url(f"**/{self.name}/big/tree/main", timeout=120_000)
        assert self.page.get_by_role("link", name="weights.bin", exact=True).is_visible()

    def _request(self, request) -> None:
        if request.method == "PUT" and request.url.startswith(self.bucket):
            self.straight.append(int(request.url.partition("partNumber=")[2].partition("&")[0]))
            return
        if "/parts/" in request.url:
            self.through_the_hub.append(int(request.url.partition("/parts/")[2].partition("?")[0]))
        super()._request(request)


@pytest.fixture
def weights(tmp_path):
    """Return a file of five parts: more than travel at once, so that the last one goes when others have arrived."""
    path = tmp_path / "weights.bin"
    with path.open("wb") as file:
        file.write(os.urandom(1 << 20))
        file.truncate(4 * PART + 7)
    return path


@pytest.fixture
def sender(place, chromium, request) -> Iterator[Sender]:
    made = Sender(place, chromium, f"u{abs(hash(request.node.name)) % 10**6}")
    yield made
    made.close()


def held(place, weights):
    data = weights.read_bytes()
    blobs = bucket_of(place.bucket)
    assert not list(blobs.list("incoming/"))
    return any(blobs.open(stat.key).read() == data for stat in blobs.list("lfs/"))


def test_parts_go_straight_to_the_bucket_and_a_page_loaded_again_goes_on(place, sender, weights):
    page = sender.page
    page.route(
        f"{sender.bucket}**",
        lambda route: route.abort() if "partNumber=5" in route.request.url else route.continue_(),
    )
    sender.choose(weights)
    policy = page.request.get(page.url).headers["content-security-policy"]
    assert f"connect-src 'self' {place.bucket.endpoint}" in policy
    sender.send()
    page.get_by_text("Nothing was committed").wait_for(timeout=120_000)
    assert set(sender.straight) == {1, 2, 3, 4, 5}
    page.unroute(f"{sender.bucket}**")
    sender.straight.clear()
    sender.choose(weights)
    sender.send()
    sender.arrived()
    assert (sender.straight, sender.through_the_hub) == ([5], [])
    assert held(place, weights)
    assert "connect-src" not in page.request.get("/").headers["content-security-policy"]


def test_a_bucket_that_the_browser_cannot_reach_gets_the_parts_through_the_hub(place, sender, weights):
    sender.page.route(f"{sender.bucket}**", lambda route: route.abort())
    sender.choose(weights)
    sender.send()
    sender.arrived()
    assert sorted(set(sender.through_the_hub)) == [1, 2, 3, 4, 5]
    assert held(place, weights)
