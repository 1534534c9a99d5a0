"""Large files that arrive in parts when blobs live in a bucket: straight there or through the hub. Against a real S3 server."""

import hashlib
import io
import json
import random
import urllib.error
import urllib.request
from datetime import timedelta

import pytest
from tests.unit.wire.conftest import make_house as make_house
from tests.unit.wire.lfs_client import JSON, batch, link

from hubkeep.kit import now
from hubkeep.kit.settings import MIB, LfsSettings
from hubkeep.repos import HANDLERS
from hubkeep.storage import BlobNotFound, PartsRefused, bucket_of, bucket_parts

BODY = random.Random(8).randbytes(12 * MIB + 5)
SHA, SIZE, PART = hashlib.sha256(BODY).hexdigest(), len(BODY), 5 * MIB
KEY = f"lfs/{SHA[:2]}/{SHA[2:4]}/{SHA}"


def cut(number, body=BODY):
    return body[(number - 1) * PART : number * PART]


def put(url, body):
    with urllib.request.urlopen(urllib.request.Request(url, body, method="PUT")) as answer:
        return answer.headers["ETag"]


@pytest.fixture
def hub(make_house, bucket):
    """A hub whose page for uploads gets parts of 5 MiB, the smallest that S3 takes."""
    return make_house(storage=bucket, lfs=LfsSettings(resend_bytes=1 * MIB, multipart_bytes=1 << 40))


def begin(hub, repo, transfers, **more):
    answer = batch(hub, repo, transfers=transfers, oid=SHA, size=SIZE, **more).json()
    assert answer["transfer"] == "multipart"
    (item,) = answer["objects"]
    return item["actions"]


def addresses(upload):
    header = dict(upload["header"])
    assert header.pop("chunk_size") == str(PART)
    return [header[key] for key in sorted(header)]


def send(hub, url, body):
    if not url.startswith(hub.hub.url):
        return put(url, body)
    answer = hub.client.put(url, content=body)
    assert answer.status_code == 200, answer.text
    return answer.headers["etag"]


def send_all(hub, upload, body=BODY):
    return [
        {"partNumber": number, "etag": send(hub, url, cut(number, body))}
        for number, url in enumerate(addresses(upload), 1)
    ]


def finish(hub, upload, parts):
    return hub.client.post(upload["href"], json={"oid": SHA, "parts": parts}, headers=JSON)


def keys(hub):
    return [stat.key for stat in hub.stores.blobs.list() if not stat.key.startswith("git/")]


@pytest.mark.parametrize(
    ("transfers", "straight"), [(["multipart", "straight"], True), (["multipart"], False)]
)
def test_parts_become_a_blob_in_the_bucket_whichever_way_they_came(hub, bucket, transfers, straight):
    repo = hub.make_repo()
    actions = begin(hub, repo, transfers)
    assert [
        url.startswith(f"{bucket.endpoint}/{bucket.bucket}/incoming/") for url in addresses(actions["upload"])
    ] == [straight] * 3
    parts = send_all(hub, actions["upload"])
    proof = {"oid": SHA, "size": SIZE}
    assert hub.client.post(actions["verify"]["href"], json=proof, headers=JSON).status_code == 404
    assert finish(hub, actions["upload"], parts).status_code == 200
    assert finish(hub, actions["upload"], parts).status_code == 200  # a repeated call finds the object there
    assert hub.client.post(actions["verify"]["href"], json=proof, headers=JSON).status_code == 200
    assert keys(hub) == [KEY]
    assert hub.stores.blobs.open(KEY).read() == BODY
    assert hub.scratch_files == []
    got = hub.client.get(link(batch(hub, repo, "download", oid=SHA, size=SIZE), "download"))
    assert urllib.request.urlopen(got.headers["location"]).read() == BODY


def test_who_was_cut_off_hears_which_parts_are_there_and_goes_on_by_the_other_way(hub):
    actions = begin(hub, hub.make_repo(), ["multipart", "straight"])
    put(addresses(actions["upload"])[1], cut(2))
    state = hub.client.get(actions["upload"]["href"]).json()
    assert [part["partNumber"] for part in state["parts"]] == [2]
    again = state["actions"]["upload"]
    assert all(url.startswith(hub.hub.url) for url in addresses(again))
    straight = hub.client.get(f"{actions['upload']['href']}&straight=1").json()["actions"]["upload"]
    assert not any(url.startswith(hub.hub.url) for url in addresses(straight))
    send(hub, addresses(again)[0], cut(1))
    put(addresses(straight)[2], cut(3))
    parts = hub.client.get(again["href"]).json()["parts"]
    assert [part["partNumber"] for part in parts] == [1, 2, 3]
    assert finish(hub, again, parts).status_code == 200
    assert keys(hub) == [KEY]


@pytest.mark.parametrize("change", [{"direct_uploads": False}, {"direct_links": False}])
def test_nobody_is_sent_to_a_bucket_that_clients_are_not_to_reach(make_house, bucket, change):
    storage = bucket.model_copy(update=change)
    hub = make_house(storage=storage, lfs=LfsSettings(multipart_bytes=MIB, part_bytes=MIB))
    repo = hub.make_repo()
    for transfers in (["multipart", "straight"], ["basic", "multipart"]):
        upload = batch(hub, repo, transfers=transfers, size=40 * MIB, oid=SHA).json()["objects"][0][
            "actions"
        ]["upload"]
        header = {key: url for key, url in upload["header"].items() if key != "chunk_size"}
        assert all(url.startswith(hub.hub.url) for url in header.values())


def test_a_client_of_old_that_sends_parts_is_sent_straight_to_the_bucket(make_house, bucket):
    hub = make_house(storage=bucket, lfs=LfsSettings(multipart_bytes=MIB, part_bytes=MIB))
    upload = begin(hub, hub.make_repo(), ["basic", "multipart"])["upload"]
    assert all(url.startswith(bucket.endpoint) for url in addresses(upload))
    assert finish(hub, upload, send_all(hub, upload)).status_code == 200


def test_other_bytes_than_announced_are_never_kept(hub):
    actions = begin(hub, hub.make_repo(), ["multipart", "straight"])
    parts = send_all(hub, actions["upload"], bytes(SIZE))
    answer = finish(hub, actions["upload"], parts)
    assert (answer.status_code, "sha256" in answer.json()["message"]) == (400, True)
    assert keys(hub) == []
    assert hub.client.get(actions["upload"]["href"]).status_code == 404
    assert finish(hub, actions["upload"], parts).status_code == 404


def _by_the_bucket(refused):
    """Tell whether the bucket said no; it may hang up while the part is still being sent."""
    if isinstance(refused, urllib.error.HTTPError):
        return refused.code in (400, 403)
    return isinstance(refused.reason, BrokenPipeError | ConnectionResetError)


def test_a_link_takes_its_part_and_not_a_byte_more(hub, bucket):
    upload = begin(hub, hub.make_repo(), ["multipart", "straight"])["upload"]
    urls, last = addresses(upload), cut(3)
    for url, body in (
        (urls[2], last + b"x"),
        (urls[2], last[:-1]),
        (urls[0].replace("partNumber=1", "partNumber=3"), last),
    ):
        with pytest.raises(urllib.error.URLError) as refused:
            put(url, body)
        assert _by_the_bucket(refused.value), refused.value
    assert hub.client.get(upload["href"]).json()["parts"] == []
    for wrong in (bytes(PART - 1), b""):
        parted = begin(hub, hub.make_repo(), ["multipart"])["upload"]
        assert hub.client.put(addresses(parted)[0], content=wrong).status_code == 400


def test_the_list_of_parts_must_say_what_the_bucket_received(hub):
    upload = begin(hub, hub.make_repo(), ["multipart", "straight"])["upload"]
    parts = send_all(hub, upload)
    wrong = {"partNumber": 1, "etag": f'"{"0" * 32}"'}
    for listed in (parts[:-1], [wrong, *parts[1:]], [*parts, {"partNumber": 4, "etag": '"x"'}]):
        assert finish(hub, upload, listed).status_code == 422, listed
    assert finish(hub, upload, parts).status_code == 200


def test_an_upload_that_goes_on_is_kept_and_one_that_stopped_is_cleared_away(hub, monkeypatch):
    upload = begin(hub, hub.make_repo(), ["multipart", "straight"])["upload"]
    put(addresses(upload)[0], cut(1))

    def run_the_job():
        with hub.stores.db.read() as tx:
            jobs = tx.sql.exec_driver_sql("SELECT args FROM jobs WHERE kind = 'repos.drop_lfs_parts'").all()
        HANDLERS["repos.drop_lfs_parts"](hub.stores, json.loads(jobs[0].args))
        return len(jobs)

    assert run_the_job() == 1
    assert hub.client.get(upload["href"]).status_code == 200  # and somebody looks again later
    late = now() + timedelta(days=1)
    monkeypatch.setattr("hubkeep.repos.lfs_parts.now", lambda: late)
    assert run_the_job() == 2
    assert hub.client.get(upload["href"]).status_code == 404
    assert (
        hub.client.put(
            addresses(begin(hub, hub.make_repo(), ["multipart"])["upload"])[0], content=cut(1)
        ).status_code
        == 200
    )


def test_an_empty_file_among_large_ones_of_git_lfs_is_kept_too(make_house, bucket):
    hub = make_house(storage=bucket, lfs=LfsSettings(multipart_bytes=MIB, part_bytes=MIB))
    nothing = hashlib.sha256(b"").hexdigest()
    objects = [{"oid": SHA, "size": SIZE}, {"oid": nothing, "size": 0}]
    answer = batch(
        hub, hub.make_repo(), transfers=["multipart", "basic"], objects=objects, agent="git-lfs/3.3.0"
    ).json()
    upload = answer["objects"][1]["actions"]["upload"]
    assert list(upload["header"]) == ["chunk_size"]
    done = hub.client.post(upload["href"], json={"oid": nothing, "parts": []}, headers=JSON)
    assert done.status_code == 200
    assert [stat.size for stat in hub.stores.blobs.list("lfs/")] == [0]


def test_what_was_joined_is_copied_in_ranges_when_it_is_large(bucket, monkeypatch):
    monkeypatch.setattr(bucket_parts, "COPY_WHOLE", PART)
    monkeypatch.setattr(bucket_parts, "COPY_PART", PART)
    blobs = bucket_of(bucket)
    parts = blobs.parts()
    assert parts is not None
    upload = parts.begin()
    tags = {n: parts.send(upload, n, io.BytesIO(cut(n)), len(cut(n))) for n in (1, 2, 3)}
    assert parts.join(upload, tags).size == SIZE
    assert parts.read(upload).read() == BODY
    assert parts.settle(upload, KEY).size == SIZE
    assert blobs.open(KEY).read() == BODY
    assert [stat.key for stat in blobs.list("")] == [KEY]


def test_an_upload_that_is_over_or_was_never_begun_is_said_to_be_so(bucket):
    blobs = bucket_of(bucket)
    parts = blobs.parts()
    assert parts is not None
    upload = parts.begin()
    with pytest.raises(PartsRefused):
        parts.join(upload, {1: "0" * 32})
    parts.drop(upload)
    parts.drop(upload)
    for gone in (upload, "a" * 32, "../lfs.x", f"{'a' * 32}.made-up"):
        with pytest.raises(BlobNotFound):
            parts.received(gone)
        with pytest.raises(BlobNotFound):
            parts.send(gone, 1, io.BytesIO(b"x"), 1)
    blobs.put("incoming/left", io.BytesIO(b"four"))
    assert (blobs.sweep(now() - timedelta(hours=1)), blobs.sweep(now() + timedelta(hours=1))) == (0, 4)


def test_without_keys_of_its_own_a_hub_offers_no_parts(bucket, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    assert bucket_of(bucket.model_copy(update={"access_key": "", "secret_key": ""})).parts() is None
