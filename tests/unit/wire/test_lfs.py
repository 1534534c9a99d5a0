import base64
import hashlib
import time

import pytest
from tests.unit.wire.conftest import add, large
from tests.unit.wire.lfs_client import BODY, JSON, SHA, batch, link, upload

from hubkeep import accounts, repos
from hubkeep.repos import Kind


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("git", [".git", ""])
def test_an_object_goes_up_and_comes_down(house, kind, git):
    repo = house.make_repo(kind=kind, sdk="static" if kind is Kind.SPACE else None)
    answer = batch(house, repo, git=git)
    assert answer.headers["content-type"] == "application/vnd.git-lfs+json"
    assert (answer.json()["transfer"], answer.json()["hash_algo"]) == ("basic", "sha256")
    (item,) = answer.json()["objects"]
    assert (item["oid"], item["size"], item["authenticated"]) == (SHA, len(BODY), True)
    assert item["actions"]["upload"]["href"].startswith(
        f"http://hub.test/{kind.prefix}{repo.full_name}.git/info/lfs/"
    )
    put = house.client.put(link(answer), content=BODY)
    assert (put.status_code, put.headers["etag"]) == (200, f'"{SHA}"')
    proof = {"oid": SHA, "size": len(BODY)}
    assert house.client.post(link(answer, "verify"), json=proof, headers=JSON).status_code == 200
    down = batch(house, repo, "download", who=None, git=git)
    got = house.client.get(link(down, "download"), headers={"Range": "bytes=5-"})
    assert (got.status_code, got.content) == (206, BODY[5:])
    assert house.scratch_files == []


def test_what_the_repository_holds_is_not_asked_for_again(house):
    repo = house.make_repo()
    upload(house, repo)
    (item,) = batch(house, repo).json()["objects"]
    assert item == {"oid": SHA, "size": len(BODY)}


def test_knowing_a_hash_grants_nothing(house):
    first, second = house.make_repo(), house.make_repo("eve")
    house.make_private(first)
    upload(house, first)
    assert "upload" in batch(house, second, who="eve").json()["objects"][0]["actions"]
    (missing,) = batch(house, second, "download", who="eve").json()["objects"]
    assert missing["error"]["code"] == 404
    # Proving possession is what links it; the bytes are there already.
    assert upload(house, second, who="eve").status_code == 200
    assert "download" in batch(house, second, "download", who="eve").json()["objects"][0]["actions"]


def test_other_bytes_than_announced_are_refused_and_leave_nothing(house):
    repo = house.make_repo()
    href = link(batch(house, repo))
    for wrong, status in ((BODY[:-1] + b"!", 400), (BODY + b"!", 400), (BODY[:-1], 400), (b"", 400)):
        answer = house.client.put(href, content=wrong)
        assert answer.status_code == status, answer.text
        assert answer.json()["message"] == answer.json()["error"] == answer.headers["x-error-message"]

    async def chunks():  # no Content-Length
        yield BODY
        yield b"!"

    assert house.client.put(href, content=chunks()).status_code == 413
    assert "upload" in batch(house, repo).json()["objects"][0]["actions"]
    assert house.scratch_files == []
    assert list(house.stores.blobs.list("lfs/")) == []


def test_an_upload_may_be_repeated(house):
    repo = house.make_repo()
    href = link(batch(house, repo))
    assert [house.client.put(href, content=BODY).status_code for _ in range(2)] == [200, 200]


def test_an_upload_link_is_worth_what_its_user_may_do_now(house):
    repo = house.make_repo()
    href = link(batch(house, repo))
    with house.stores.db.write() as tx:
        accounts.set_disabled(tx, "ada", disabled=True)
    assert house.client.put(href, content=BODY).status_code == 403
    assert list(house.stores.blobs.list("lfs/")) == []


def test_a_download_link_ends_with_the_right_to_read(house):
    repo = house.make_repo()
    upload(house, repo)
    href = link(batch(house, repo, "download", who=None), "download")
    assert house.client.get(href).content == BODY
    house.make_private(repo)
    assert house.client.get(href).status_code == 401
    mine = link(batch(house, repo, "download"), "download")
    assert house.client.get(mine).content == BODY


def test_links_cannot_be_altered_swapped_or_used_for_something_else(house):
    repo = house.make_repo()
    up = link(batch(house, repo))
    upload(house, repo, BODY[:10])
    down = link(
        batch(house, repo, "download", oid=hashlib.sha256(BODY[:10]).hexdigest(), size=10), "download"
    )
    ticket = up.partition("ticket=")[2]
    assert house.client.put(up.replace(SHA, "b" * 64), content=BODY).status_code == 403
    place = up.index(ticket) + 5
    altered = up[:place] + ("A" if up[place] != "A" else "B") + up[place + 1 :]
    assert house.client.put(altered, content=BODY).status_code == 403
    assert house.client.put(down, content=BODY[:10]).status_code == 403
    assert house.client.get(f"{down.partition('ticket=')[0]}ticket={ticket}").status_code == 403
    assert house.client.put(up.partition("?")[0], content=BODY).status_code == 403
    assert house.client.get(down.partition("?")[0], headers=house.auth()).status_code == 403


def test_links_expire(make_house, monkeypatch):
    house = make_house()
    repo = house.make_repo()
    href = link(batch(house, repo))
    later = time.time() + house.hub.settings.lfs.link_seconds + 1
    monkeypatch.setattr("time.time", lambda: later)
    assert house.client.put(href, content=BODY).status_code == 403


@pytest.mark.parametrize("ref", [None, {"name": "main"}, {"name": "refs/heads/main"}])
@pytest.mark.parametrize("algo", ["sha256", "sha_256"])
def test_every_client_writes_branch_and_hash_its_own_way(house, ref, algo):
    answer = batch(house, house.make_repo(), ref=ref, hash_algo=algo)
    assert answer.status_code == 200
    assert "upload" in answer.json()["objects"][0]["actions"]


def test_strangers_are_asked_for_a_password_in_the_way_git_lfs_understands(house):
    repo = house.make_repo()
    house.make_private(repo)
    for operation in ("upload", "download"):
        answer = batch(house, repo, operation, who=None)
        assert answer.status_code == 401
        assert (
            answer.headers["lfs-authenticate"]
            == answer.headers["www-authenticate"]
            == 'Basic realm="hubkeep"'
        )
        assert answer.headers["x-error-code"] == "RepoNotFound"
        assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_only_writers_may_upload(house):
    repo = house.make_repo()
    assert batch(house, repo, who="eve").status_code == 403
    assert batch(house, repo, who="reader").status_code == 403
    assert batch(house, repo, who=None).status_code == 401
    house.make_private(repo)
    assert batch(house, repo, who="eve").status_code == 404
    assert batch(house, repo, who="reader", operation="download").status_code == 200


@pytest.mark.parametrize("ref", [None, {"name": "refs/pr/3"}])
def test_who_may_read_may_upload_for_a_pull_request(house, ref):
    repo = house.make_repo()
    answer = batch(house, repo, who="eve", ref=ref)
    assert house.client.put(link(answer), content=BODY).status_code == 200
    assert batch(house, repo, who="reader", ref=ref).status_code == 403
    assert batch(house, repo, who=None, ref=ref).status_code == 401
    href = link(batch(house, repo, who="eve", ref=ref, oid="a" * 64))
    house.make_private(repo)
    assert house.client.put(href, content=BODY).status_code == 404


def test_a_token_as_basic_password_is_as_good(house):
    token = house.people["ada"][1]
    basic = base64.b64encode(f"anyone:{token}".encode()).decode()
    repo = house.make_repo()
    asked = {"operation": "upload", "objects": [{"oid": SHA, "size": 1}]}
    url = f"/{repo.full_name}.git/info/lfs/objects/batch"
    assert house.client.post(url, json=asked, headers={"Authorization": f"Basic {basic}"}).status_code == 200


@pytest.mark.parametrize(
    ("oid", "size", "code"),
    [
        ("A" * 64, 1, 422),
        ("a" * 63, 1, 422),
        ("../" * 21 + "a", 1, 422),
        (SHA, -1, 422),
        (SHA, 500 * 2**30 + 1, 413),
    ],
)
def test_one_bad_object_does_not_spoil_the_others(house, oid, size, code):
    good = {"oid": "c" * 64, "size": 5}
    answer = batch(house, house.make_repo(), objects=[{"oid": oid, "size": size}, good])
    bad, fine = answer.json()["objects"]
    assert (bad["oid"], bad["size"], bad["error"]["code"]) == (oid, size, code)
    assert "actions" not in bad
    assert "upload" in fine["actions"]


def test_another_size_for_a_known_object_is_an_error_of_that_object(house):
    repo = house.make_repo()
    upload(house, repo)
    for operation in ("upload", "download"):
        (item,) = batch(house, repo, operation, size=5).json()["objects"]
        assert item["error"]["code"] == 422


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"operation": "sideload"}, 400, "operation"),
        ({"objects": "all"}, 400, "objects"),
        ({"objects": [{"oid": SHA}]}, 400, "size"),
        ({"objects": [{"oid": SHA, "size": "big"}]}, 400, "size"),
        ({"hash_algo": "md5"}, 409, "hash_algo"),
        ({"objects": [{"oid": SHA, "size": 1}] * 1001}, 413, "objects"),
    ],
)
def test_a_bad_request_names_the_field(house, body, status, field):
    answer = batch(house, house.make_repo(), **body)
    assert answer.status_code == status
    assert field in answer.json()["message"]
    assert answer.headers["content-type"] == "application/vnd.git-lfs+json"


def test_a_body_that_is_no_json_is_told(house):
    url = f"/{house.make_repo().full_name}.git/info/lfs/objects/batch"
    assert house.client.post(url, content=b"\xff{", headers=house.auth()).status_code == 400


def test_there_are_no_locks(house):
    repo = house.make_repo()
    for call in ("locks", "locks/verify"):
        answer = house.client.post(f"/{repo.full_name}.git/info/lfs/{call}", json={}, headers=house.auth())
        assert answer.status_code == 404
        assert "message" in answer.json()


def test_a_renamed_repository_redirects_with_method_and_suffix(house):
    repo = house.make_repo(name="old")
    with house.stores.db.write() as tx:
        repos.move(tx, house.actor(), repo.kind, "ada/old", "ada/new")
    answer = batch(house, repo)
    assert answer.status_code == 307
    assert answer.headers["location"] == "/ada/new.git/info/lfs/objects/batch"


def test_verify_answers_a_bearer_too_and_tells_what_is_missing(house):
    repo = house.make_repo()
    base = link(batch(house, repo), "verify").partition("?")[0]
    proof = {"oid": SHA, "size": len(BODY)}
    assert house.client.post(base, json=proof, headers=house.auth()).status_code == 404
    upload(house, repo)
    assert house.client.post(base, json=proof, headers=house.auth()).status_code == 200
    assert house.client.post(base, json=proof | {"size": 1}, headers=house.auth()).status_code == 422
    house.make_private(repo)
    assert house.client.post(base, json=proof, headers=house.auth("eve")).status_code == 404


def test_a_commit_names_what_was_uploaded_and_resolve_sends_it(house):
    repo = house.make_repo()
    upload(house, repo)
    oid = house.commit(repo, large("weights.bin", BODY), add("README.md"))
    head = house.client.head(f"/{repo.full_name}/resolve/main/weights.bin")
    assert head.headers["x-linked-etag"].strip('"') == SHA
    assert (head.headers["x-linked-size"], head.headers["content-length"]) == (str(len(BODY)), str(len(BODY)))
    assert head.headers["x-repo-commit"] == oid
    assert house.client.get(f"/{repo.full_name}/resolve/{oid}/weights.bin").content == BODY


@pytest.mark.parametrize(
    ("agent", "offered", "chosen"),
    [
        ("git-lfs/3.3.0 (GitHub; linux amd64)", ["xet", "basic"], "xet"),
        ("unknown/None; hf_hub/0.36.2; python/3.11.7", ["basic", "multipart", "xet"], "xet"),
        ("unknown/None; hf_hub/0.36.2; python/3.11.7", ["basic", "multipart"], "basic"),
        ("git-lfs/3.3.0 (GitHub; linux amd64)", ["basic"], "basic"),
        ("unknown/None; hf_hub/1.19.0; python/3.11.7", ["xet"], "xet"),
        ("git-lfs/3.3.0 (GitHub; linux amd64)", ["basic", "ssh"], "basic"),
    ],
)
def test_who_offers_xet_for_an_upload_gets_it(house, agent, offered, chosen):
    repo = house.make_repo()
    answer = batch(house, repo, agent=agent, transfers=offered).json()
    assert answer["transfer"] == chosen
    upload = answer["objects"][0]["actions"]["upload"]
    if chosen == "xet":
        assert upload["href"] == f"http://hub.test/api/models/{repo.full_name}/xet-write-token/main"
        assert upload["header"]["X-Xet-Cas-Url"] == "http://hub.test/cas/e1"
        assert upload["header"]["X-Xet-Access-Token"]
        assert upload["header"]["X-Xet-Token-Expiration"].isdigit()
    down = batch(house, repo, "download", agent=agent, transfers=offered).json()
    assert down["transfer"] == "basic"


def test_links_end_with_the_token_that_they_were_asked_for_with(house):
    repo = house.make_repo(private=True)
    upload(house, repo)
    down = link(batch(house, repo, "download"), "download")
    up = link(batch(house, repo, objects=[{"oid": "a" * 64, "size": len(BODY)}]))
    assert house.client.get(down).content == BODY
    leaked = house.auth()["Authorization"].removeprefix("Bearer ")
    house.client.post("/api/credentials/revoke", json={"credentials": [leaked]})
    assert house.client.get(down).status_code == 403
    assert house.client.put(up, content=BODY).status_code == 403
