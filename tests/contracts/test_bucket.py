"""What only a bucket does: links, parts, refusals. Against a real S3 server."""

import io
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable

import pytest

from hubkeep.storage import StorageDown, bucket_of

WRITER = """
import io, sys, time
from hubkeep.kit.settings import StorageSettings
from hubkeep.storage import bucket_of

class Slow(io.RawIOBase):
    sent = 0
    def read(self, size=-1):
        if self.sent > 15 << 20:
            print("half", flush=True)
            time.sleep(60)
        self.sent += size
        return bytes(size)

bucket_of(StorageSettings.model_validate_json(sys.argv[1])).put("half", Slow())
"""


def fetch(url: str, **headers: str):
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers))


def test_a_link_downloads_without_credentials_under_a_name_of_ours(bucket):
    blobs = bucket_of(bucket)
    blobs.put("lfs/ab/cd", io.BytesIO(b"0123456789"))
    link = blobs.link("lfs/ab/cd", 60, 'wei"ghts é.bin\r\nX: y')
    assert link is not None
    with fetch(link, Range="bytes=2-4") as answer:
        assert answer.status == 206
        assert answer.read() == b"234"
        said = answer.headers["Content-Disposition"]
    assert said == (
        "attachment; filename=\"wei_ghts _.bin__X: y\"; filename*=UTF-8''wei%22ghts%20%C3%A9.bin%0D%0AX%3A%20y"
    )


def test_a_link_works_for_its_key_and_its_time_only(bucket):
    blobs = bucket_of(bucket)
    blobs.put("mine", io.BytesIO(b"x"))
    blobs.put("yours", io.BytesIO(b"y"))
    link = blobs.link("mine", 1, "f")
    assert link is not None
    time.sleep(2.1)
    fresh = str(blobs.link("mine", 60, "f"))
    for wrong in (
        link,
        fresh.replace("/mine", "/yours"),
        fresh.replace("X-Amz-Expires=60", "X-Amz-Expires=6000"),
    ):
        with pytest.raises(urllib.error.HTTPError) as refused:
            fetch(wrong)
        assert refused.value.code in (400, 403)


def test_a_link_is_made_for_the_address_that_clients_reach(bucket):
    public = bucket.model_copy(update={"public_endpoint": "https://bytes.example.org/"})
    link = bucket_of(public).link("k", 60)
    assert str(link).startswith(f"https://bytes.example.org/{bucket.bucket}/k?X-Amz-")


def test_without_an_endpoint_links_go_to_aws(bucket):
    aws = bucket.model_copy(update={"endpoint": "", "region": "eu-west-1"})
    assert str(bucket_of(aws).link("k", 60)).startswith(
        f"https://{bucket.bucket}.s3.eu-west-1.amazonaws.com/k?"
    )


def test_direct_links_can_be_switched_off(bucket):
    assert bucket_of(bucket.model_copy(update={"direct_links": False})).link("k", 60) is None


def test_a_writer_killed_mid_upload_leaves_nothing_visible(bucket):
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, bucket.model_dump_json()], stdout=subprocess.PIPE
    ) as dying:
        assert dying.stdout is not None
        assert dying.stdout.readline() == b"half\n"
        dying.kill()
    assert list(bucket_of(bucket).list()) == []


@pytest.mark.parametrize(
    "change", [{"secret_key": "wrong"}, {"endpoint": "http://127.0.0.1:9"}, {"bucket": "nobody"}]
)
def test_a_store_that_refuses_or_is_away_is_said_to_be_down(bucket, change):
    blobs = bucket_of(bucket.model_copy(update=change))
    calls: list[Callable[[], object]] = [
        blobs.check,
        lambda: blobs.put("k", io.BytesIO(b"x")),
        lambda: list(blobs.list()),
    ]
    if "bucket" not in change:  # S3 cannot tell a missing key from a missing bucket by HEAD
        calls += [lambda: blobs.stat("k"), lambda: blobs.open("k")]
    for call in calls:
        with pytest.raises(StorageDown) as down:
            call()
        assert "wrong" not in str(down.value)
        assert "127.0.0.1" not in str(down.value)


def test_the_list_starts_at_its_prefix_not_at_the_start_of_the_bucket(bucket):
    """One page of 1,000 keys before the prefix would show as a second request; here the first key is a match."""
    blobs = bucket_of(bucket)
    for number in range(30):
        blobs.put(f"a/{number:03}", io.BytesIO(b"x"))
    assert [stat.key for stat in blobs.list("a/02")] == [f"a/{number:03}" for number in range(20, 30)]
