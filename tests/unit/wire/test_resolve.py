"""Downloads through the whole door. Source of the rules: hub-core contract 10.1 and traps 19 to 28."""

import hashlib
import os
import re

import pytest
from tests.unit.wire.conftest import add, large

from hubkeep import repos
from hubkeep.repos import Kind

BIG = os.urandom(5000)
SHA = hashlib.sha256(BIG).hexdigest()
ODD = "a b/ü#%.txt"
ODD_URL = "a%20b/%C3%BC%23%25.txt"


@pytest.fixture(params=[Kind.MODEL, Kind.DATASET])
def repo(house, request):
    repo = house.make_repo(kind=request.param)
    house.hold(repo, BIG)
    house.commit(repo, add("config.json", b"{}"), add(ODD, b"odd"), large("big.bin", BIG), add("empty", b""))
    return repo


def path_of(repo, path, rev="main", way="resolve"):
    return f"/{repo.kind.prefix}{repo.full_name}/{way}/{rev}/{path}"


def test_head_of_a_large_file_says_everything_on_one_answer(house, repo):
    head = house.client.head(path_of(repo, "big.bin"))
    assert head.status_code == 200
    assert re.fullmatch(r"[0-9a-f]{40}", head.headers["x-repo-commit"])
    assert head.headers["etag"] == head.headers["x-linked-etag"] == f'"{SHA}"'
    assert head.headers["content-length"] == head.headers["x-linked-size"] == str(len(BIG))
    assert head.headers["accept-ranges"] == "bytes"
    assert "content-encoding" not in head.headers
    assert "x-xet-hash" not in head.headers  # it did not come by Xet: nothing to rebuild it from


def test_head_of_a_small_file_names_the_git_blob(house, repo):
    head = house.client.head(path_of(repo, "config.json"))
    assert head.headers["etag"] == '"9e26dfeeb6e641a33dae4961196235bdb965b21b"'
    assert head.headers["content-length"] == "2"
    assert "x-linked-etag" not in head.headers


def test_get_and_head_agree_on_every_header(house, repo):
    for path in ("big.bin", "config.json", ODD_URL, "empty"):
        get, head = house.client.get(path_of(repo, path)), house.client.head(path_of(repo, path))
        assert {**get.headers, "x-request-id": ""} == {**head.headers, "x-request-id": ""}


def test_the_tag_is_the_same_on_branch_commit_and_short_commit(house, repo):
    oid = house.client.head(path_of(repo, "big.bin")).headers["x-repo-commit"]
    for rev in ("main", "refs%2Fheads%2Fmain", "refs/heads/main", oid, oid[:8]):
        head = house.client.head(path_of(repo, "big.bin", rev))
        assert (head.headers["etag"], head.headers["x-repo-commit"]) == (f'"{SHA}"', oid), rev


@pytest.mark.parametrize("url", [ODD_URL, ODD_URL.replace("/", "%2F")])
def test_names_travel_encoded_with_slashes_either_way(house, repo, url):
    assert house.client.get(path_of(repo, url)).content == b"odd"


def test_ranges_of_every_kind(house, repo):
    url = path_of(repo, "big.bin")
    part = house.client.get(url, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content, part.headers["content-range"]) == (
        206,
        BIG[10:20],
        "bytes 10-19/5000",
    )
    assert house.client.get(url, headers={"Range": "bytes=5000-"}).status_code == 416
    assert house.client.get(url, headers={"Range": "bytes=-5"}).content == BIG[-5:]


def test_a_missing_path_names_the_commit_and_a_missing_revision_does_not(house, repo):
    for url, code in (
        (path_of(repo, "nope"), "EntryNotFound"),
        (path_of(repo, "a%20b"), "EntryNotFound"),
        (path_of(repo, "", "main"), "EntryNotFound"),
        (path_of(repo, "x", "nope"), "RevisionNotFound"),
    ):
        for answer in (house.client.head(url), house.client.get(url)):
            assert (answer.status_code, answer.headers["x-error-code"]) == (404, code)
            assert answer.headers["x-error-message"]
            assert ("x-repo-commit" in answer.headers) is (code == "EntryNotFound")


def test_a_private_repository_looks_missing(house, repo):
    house.make_private(repo)
    url = path_of(repo, "config.json")
    for who, status in ((None, 401), ("eve", 404)):
        answer = house.client.head(url, headers=house.auth(who) if who else {})
        assert (answer.status_code, answer.headers["x-error-code"]) == (status, "RepoNotFound")
    assert house.client.head(url, headers=house.auth("reader")).status_code == 200


def test_raw_is_the_git_blob_itself(house, repo):
    answer = house.client.get(path_of(repo, "big.bin", way="raw"))
    assert answer.text == f"version https://git-lfs.github.com/spec/v1\noid sha256:{SHA}\nsize 5000\n"
    assert answer.headers["x-repo-commit"]
    assert house.client.get(path_of(repo, "config.json", way="raw")).content == b"{}"


def test_a_pointer_whose_bytes_never_came_is_told_and_not_remembered_as_absent(house, repo):
    with house.stores.db.write() as tx:
        tx.sql.exec_driver_sql("DELETE FROM repo_objects")
    answer = house.client.head(path_of(repo, "big.bin"))
    assert (answer.status_code, answer.headers["x-error-code"]) == (404, "EntryNotFound")
    assert "never uploaded" in answer.headers["x-error-message"]
    assert "x-repo-commit" not in answer.headers


def test_a_download_for_a_person_is_an_attachment(house, repo):
    answer = house.client.get(path_of(repo, "config.json"), params={"download": "true"})
    assert answer.headers["content-disposition"].startswith('attachment; filename="config.json"')


def test_a_renamed_repository_redirects_downloads(house, repo):
    with house.stores.db.write() as tx:
        repos.move(tx, house.actor(), repo.kind, repo.full_name, "ada/elsewhere")
    answer = house.client.head(path_of(repo, ODD_URL), params={"download": "true"})
    assert answer.status_code == 307
    assert (
        answer.headers["location"] == f"/{repo.kind.prefix}ada/elsewhere/resolve/main/{ODD_URL}?download=true"
    )


def test_a_file_that_came_by_xet_says_how_to_rebuild_it(house, repo):
    with house.stores.db.write() as tx:
        tx.sql.exec_driver_sql("UPDATE objects SET xet_hash = ?", ("f" * 64,))
    url = path_of(repo, "big.bin")
    head = house.client.head(url)
    oid = head.headers["x-repo-commit"]
    auth = f"http://hub.test/api/{repo.kind.plural}/{repo.full_name}/xet-read-token/{oid}"
    info = f"http://hub.test/cas/e1/v1/reconstructions/{'f' * 64}"
    assert head.headers["x-xet-hash"] == "f" * 64
    assert head.headers["x-xet-refresh-route"] == auth
    assert head.headers["link"] == f'<{auth}>; rel="xet-auth", <{info}>; rel="xet-reconstruction-info"'
    asked = {"Accept": "application/vnd.xet-fileinfo+json, */*", "Range": "bytes=0-0"}
    answer = house.client.get(url, headers=asked)
    assert answer.headers["content-type"] == "application/vnd.xet-fileinfo+json"
    assert answer.json() == {
        "hash": "f" * 64,
        "refreshUrl": auth,
        "reconstructionUrl": info,
        "etag": f'"{SHA}"',
        "size": 5000,
    }
    assert (answer.headers["x-linked-size"], answer.headers["x-xet-hash"]) == ("5000", "f" * 64)
    # Who does not speak Xet gets the bytes.
    assert house.client.get(url, headers={"Range": "bytes=0-0"}).content == BIG[:1]


def test_an_answer_that_was_kept_is_forgotten_when_anything_changes(house, repo):
    path = path_of(repo, "config.json")
    for _ in range(2):
        assert (
            house.client.head(path).status_code
            == house.client.head(path, headers=house.auth()).status_code
            == 200
        )
    oid = house.commit(repo, add("config.json", b"{ }"))
    assert house.client.head(path).headers["x-repo-commit"] == oid
    house.make_private(repo)
    assert house.client.head(path).status_code == 401
    assert house.client.head(path, headers=house.auth()).status_code == 200
    assert house.client.head(path, headers=house.auth("eve")).status_code == 404


@pytest.mark.parametrize(("name", "by_nginx"), [("page.html", False), ("logo.svg", False), ("w.bin", True)])
def test_what_can_run_in_a_browser_keeps_its_sandbox_behind_nginx(make_house, name, by_nginx):
    house = make_house(accel_redirect="/_data")
    repo = house.make_repo()
    house.hold(repo, BIG)
    house.commit(repo, large(name, BIG))
    answer = house.client.get(path_of(repo, name))
    assert ("x-accel-redirect" in answer.headers) is by_nginx
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.content == (b"" if by_nginx else BIG)
