"""Uploads in parts."""

import json
import os
from datetime import timedelta

import pytest
from tests.unit.wire.lfs_client import BODY, JSON, SHA, batch, link

from hubkeep import repos
from hubkeep.kit import now
from hubkeep.kit.settings import LfsSettings
from hubkeep.repos import HANDLERS


@pytest.fixture
def parted(make_house):
    """A hub that sends everything over 1,000 bytes in parts of 700."""
    return make_house(lfs=LfsSettings(multipart_bytes=1000, part_bytes=700))


def begin(house, repo, **more):
    answer = batch(house, repo, transfers=["basic", "multipart"], **more)
    (item,) = answer.json()["objects"]
    return answer.json()["transfer"], item["actions"]["upload"], item["actions"]["verify"]


def send_parts(house, upload, body=BODY):
    header = dict(upload["header"])
    size = int(header.pop("chunk_size"))
    parts = []
    for number, key in enumerate(header, 1):
        put = house.client.put(header[key], content=body[(number - 1) * size : number * size])
        assert put.status_code == 200, put.text
        parts.append({"partNumber": number, "etag": put.headers["etag"]})
    return parts


def finish(house, upload, parts, oid=SHA):
    return house.client.post(upload["href"], json={"oid": oid, "parts": parts}, headers=JSON)


def test_a_large_object_goes_up_in_parts(parted):
    repo = parted.make_repo()
    transfer, upload, verify = begin(parted, repo)
    assert transfer == "multipart"
    assert upload["header"]["chunk_size"] == "700"
    assert [key for key in upload["header"] if key != "chunk_size"] == [
        "00001",
        "00002",
        "00003",
        "00004",
        "00005",
    ]
    parts = send_parts(parted, upload)
    assert all(part["etag"].startswith('"') and len(part["etag"]) > 2 for part in parts)
    assert finish(parted, upload, parts).status_code == 200
    assert finish(parted, upload, parts).status_code == 200  # a repeated call finds the object there
    proof = {"oid": SHA, "size": len(BODY)}
    assert parted.client.post(verify["href"], json=proof, headers=JSON).status_code == 200
    assert parted.client.get(link(batch(parted, repo, "download"), "download")).content == BODY
    assert parted.scratch_files == []


@pytest.mark.parametrize("offered", [["basic"], ["basic", "multipart"], []])
def test_small_objects_and_clients_without_parts_go_the_basic_way(parted, offered):
    small = batch(parted, parted.make_repo(), transfers=offered, size=1000, oid="d" * 64).json()
    assert small["transfer"] == "basic"
    assert "header" not in small["objects"][0]["actions"]["upload"]
    if "multipart" not in offered:
        assert batch(parted, parted.make_repo(), transfers=offered).json()["transfer"] == "basic"


def test_git_lfs_gets_one_way_for_the_whole_batch(parted):
    objects = [{"oid": SHA, "size": len(BODY)}, {"oid": "d" * 64, "size": 5}]
    for agent, with_parts in (("git-lfs/3.3.0 (GitHub)", 2), ("hf", 1)):
        answer = batch(
            parted, parted.make_repo(), transfers=["multipart", "basic"], objects=objects, agent=agent
        ).json()
        assert answer["transfer"] == "multipart"
        assert sum("header" in item["actions"]["upload"] for item in answer["objects"]) == with_parts


def test_parts_may_come_in_any_order_and_again(parted):
    _, upload, _ = begin(parted, parted.make_repo())
    header = {key: url for key, url in upload["header"].items() if key != "chunk_size"}
    parted.client.put(header["00002"], content=bytes(700))
    parts = [
        {
            "partNumber": n,
            "etag": parted.client.put(header[f"{n:05d}"], content=BODY[(n - 1) * 700 : n * 700]).headers[
                "etag"
            ],
        }
        for n in (5, 3, 2, 4, 1)
    ]
    assert finish(parted, upload, parts).status_code == 200


def test_the_list_of_parts_must_say_what_was_received(parted):
    _, upload, _ = begin(parted, parted.make_repo())
    parts = send_parts(parted, upload)
    wrong = [{**parts[0], "etag": '"other"'}, *parts[1:]]
    for listed in (
        parts[:-1],
        [*parts, parts[0]],
        wrong,
        [],
        [*parts[:-1], {"partNumber": 9, "etag": '"x"'}],
    ):
        answer = finish(parted, upload, listed)
        assert answer.status_code in (400, 422), listed
        assert "part" in answer.json()["message"]
    assert finish(parted, upload, parts, oid="d" * 64).status_code == 400
    again = parted.client.put(upload["header"]["00001"], content=BODY[:700]).headers["etag"]
    assert finish(parted, upload, parts).status_code == 422  # that version of part 1 is gone
    assert finish(parted, upload, [{"partNumber": 1, "etag": again}, *parts[1:]]).status_code == 200


def test_parts_that_make_another_file_are_refused_and_can_be_mended(parted):
    repo = parted.make_repo()
    _, upload, _ = begin(parted, repo)
    parts = send_parts(parted, upload, bytes(len(BODY)))
    answer = finish(parted, upload, parts)
    assert (answer.status_code, "sha256" in answer.json()["message"]) == (400, True)
    assert list(parted.stores.blobs.list("lfs/")) == []
    assert finish(parted, upload, send_parts(parted, upload)).status_code == 200


def test_a_part_has_its_exact_length_and_number(parted):
    _, upload, _ = begin(parted, parted.make_repo())
    first = upload["header"]["00001"]
    for wrong in (bytes(699), bytes(701), b""):
        assert parted.client.put(first, content=wrong).status_code == 400
    for number in ("0", "6", "-1", "x", "00000000001"):
        assert (
            parted.client.put(first.replace("/parts/1?", f"/parts/{number}?"), content=bytes(700)).status_code
            == 400
        )


def test_an_upload_that_came_to_nothing_is_cleared_away(parted):
    _, upload, _ = begin(parted, parted.make_repo())
    send_parts(parted, upload)
    with parted.stores.db.read() as tx:
        (job,) = tx.sql.exec_driver_sql("SELECT args FROM jobs WHERE kind = 'repos.drop_lfs_parts'").all()
    HANDLERS["repos.drop_lfs_parts"](parted.stores, json.loads(job.args))
    assert (
        parted.client.get(upload["href"]).status_code == 200
    )  # it went on a moment ago: looked at again later
    for folder in (parted.stores.scratch / "multipart").iterdir():
        os.utime(folder, (0, 0))
    HANDLERS["repos.drop_lfs_parts"](parted.stores, json.loads(job.args))
    assert parted.scratch_files == []
    assert parted.client.get(upload["href"]).status_code == 404
    assert parted.client.put(upload["header"]["00001"], content=BODY[:700]).status_code == 404
    assert finish(parted, upload, []).status_code == 404


def test_an_upload_that_goes_on_for_a_week_is_over(parted, monkeypatch):
    """What was not finished counts towards no quota: parts that keep coming must not keep it."""
    _, upload, _ = begin(parted, parted.make_repo())
    for day in (6, 8):
        send_parts(parted, upload)
        moment = now() + timedelta(days=day)
        for folder in (parted.stores.scratch / "multipart").iterdir():
            os.utime(folder, (moment.timestamp(), moment.timestamp()))
        with parted.stores.db.read() as tx:
            jobs = tx.sql.exec_driver_sql("SELECT args FROM jobs WHERE kind = 'repos.drop_lfs_parts'").all()
        with monkeypatch.context() as later:
            later.setattr("hubkeep.repos.lfs_parts.now", lambda moment=moment: moment)
            HANDLERS["repos.drop_lfs_parts"](parted.stores, json.loads(jobs[-1].args))
        assert parted.client.get(upload["href"]).status_code == (200 if day == 6 else 404)
    assert parted.scratch_files == []


def test_who_offers_parts_only_gets_small_ones_that_are_soon_sent_again(make_house):
    house = make_house(lfs=LfsSettings(multipart_bytes=1 << 30, resend_bytes=1000))
    repo = house.make_repo()
    answer = batch(house, repo, transfers=["multipart"]).json()
    upload = answer["objects"][0]["actions"]["upload"]
    assert (answer["transfer"], upload["header"]["chunk_size"]) == ("multipart", "1000")
    assert finish(house, upload, send_parts(house, upload)).status_code == 200
    assert batch(house, repo, transfers=["basic", "multipart"]).json()["objects"][0].get("actions") is None


def test_who_offers_parts_only_gets_one_address_for_what_is_no_more_than_a_part(make_house):
    house = make_house(lfs=LfsSettings(resend_bytes=len(BODY)))
    upload = batch(house, house.make_repo(), transfers=["multipart"]).json()["objects"][0]["actions"][
        "upload"
    ]
    assert "header" not in upload
    assert house.client.put(upload["href"], content=BODY).status_code == 200


def test_who_was_cut_off_hears_which_parts_are_there_and_gets_addresses_that_are_good_again(parted):
    _, upload, _ = begin(parted, parted.make_repo())
    first = parted.client.put(upload["header"]["00001"], content=BODY[:700]).headers["etag"]
    assert parted.client.put(upload["header"]["00002"], content=BODY[:7]).status_code == 400
    state = parted.client.get(upload["href"]).json()
    assert state["parts"] == [{"partNumber": 1, "etag": first}]
    again = state["actions"]["upload"]
    assert (again["header"]["chunk_size"], len(again["header"])) == ("700", 6)
    assert finish(parted, again, send_parts(parted, again)).status_code == 200
    assert parted.client.get(upload["href"]).status_code == 404
    assert parted.client.get(upload["href"].replace("ticket=", "ticket=x")).status_code in (400, 401, 403)


def test_nobody_hears_of_parts_once_they_may_not_write_any_more(parted):
    repo = parted.make_repo()
    _, upload, _ = begin(parted, repo)
    assert parted.client.get(upload["href"]).status_code == 200
    with parted.stores.db.write() as tx:
        repos.delete(tx, parted.actor(), repo.kind, repo.full_name)
    assert parted.client.get(upload["href"]).status_code in (401, 404)


def test_an_address_for_one_piece_takes_no_parts(parted):
    href = link(batch(parted, parted.make_repo(), transfers=["basic"]), "upload")
    path, _, query = href.partition("?")
    assert parted.client.put(f"{path}/parts/1?{query}", content=BODY).status_code == 404
    assert parted.client.get(f"{path}/parts?{query}").status_code == 404
    said = parted.client.post(f"{path}/parts?{query}", json={"oid": SHA, "parts": []}, headers=JSON)
    assert said.status_code == 404
    assert "over" in said.json()["message"]
    assert parted.client.put(href, content=BODY).status_code == 200
