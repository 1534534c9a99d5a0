import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import sqlalchemy as sa
from tests.unit.cas.build import Cut, File, noise, shard, text
from tests.unit.wire.client import URL
from tests.unit.wire.conftest import add, large
from tests.unit.wire.xet_client import Cas, ask_token

from hubkeep import accounts, cas, repos
from hubkeep.repos import XetFetch, XetToken
from hubkeep.wire import xet_shards

DATA = noise(500_000) + text(300_000)


@pytest.fixture
def repo(house):
    return house.make_repo()


def test_a_token_is_told_in_headers_and_in_the_body(house, repo):
    for scope in ("read", "write"):
        answer = ask_token(house, repo, scope)
        told = answer.json()
        assert told["casUrl"] == f"{URL}/cas/e1" == answer.headers["x-xet-cas-url"]
        assert told["accessToken"] == answer.headers["x-xet-access-token"]
        assert told["exp"] == int(answer.headers["x-xet-token-expiration"])
        assert 800 < told["exp"] - time.time() <= 900


@pytest.mark.parametrize("rev", ["main", "None", "refs%2Fpr%2F7", "refs/pr/7", "a" * 40])
def test_the_revision_of_a_token_may_be_any(house, repo, rev):
    assert ask_token(house, repo, "write", rev=rev, query="?create_pr=1").status_code == 200
    assert ask_token(house, repo, "read", rev=rev).status_code == 200


def test_who_gets_a_token(house, repo):
    private = house.make_repo(private=True)
    assert ask_token(house, repo, "read", None).status_code == 200
    assert ask_token(house, repo, "write", None).status_code == 401
    assert ask_token(house, repo, "write", "eve").status_code == 403
    assert ask_token(house, repo, "write", "reader").status_code == 403
    assert ask_token(house, private, "read", None).status_code == 401
    assert ask_token(house, private, "read", "eve").status_code == 404
    assert ask_token(house, private, "read", "reader").status_code == 200


def test_who_may_read_may_propose(house, repo):
    private = house.make_repo(private=True)
    assert ask_token(house, repo, "write", "eve", "None", "?create_pr=1").status_code == 200
    assert ask_token(house, repo, "write", None, "None", "?create_pr=1").status_code == 401
    assert ask_token(house, repo, "write", "reader", "None", "?create_pr=1").status_code == 403
    assert ask_token(house, private, "write", "eve", "None", "?create_pr=1").status_code == 404


def test_a_file_goes_up_is_committed_and_comes_down_in_every_way(house, repo):
    up = Cas(house, repo)
    cut = Cut(DATA)
    assert up.send_xorb(cut).json() == {"was_inserted": True}
    frames = up.send_shard(shard(File.of(cut)))
    assert frames[-1] == {"type": "result"}
    house.commit(repo, large("w.bin", DATA))
    head = house.client.head(f"/{repo.full_name}/resolve/main/w.bin")
    assert head.status_code == 200
    assert head.headers["x-xet-hash"] == cut.file
    assert head.headers["x-linked-etag"] == f'"{cut.sha256}"'
    assert head.headers["x-linked-size"] == head.headers["content-length"] == str(len(DATA))
    assert f"<{URL}/api/models/{repo.full_name}/xet-read-token/" in head.headers["link"]
    assert (
        f'<{URL}/cas/e1/v1/reconstructions/{cut.file}>; rel="xet-reconstruction-info"' in head.headers["link"]
    )
    assert house.client.get(f"/{repo.full_name}/resolve/main/w.bin").content == DATA
    part = house.client.get(f"/{repo.full_name}/resolve/main/w.bin", headers={"Range": "bytes=-1000"})
    assert (part.status_code, part.content) == (206, DATA[-1000:])
    (entry,) = [
        e for e in house.client.get(f"/api/models/{repo.full_name}/tree/main").json() if e["path"] == "w.bin"
    ]
    assert entry["xetHash"] == cut.file
    down = Cas(house, repo, "read", None)
    assert down.rebuild(cut.file) == DATA
    assert down.rebuild(cut.file, "bytes=600000-600999")[:1000] == DATA[600_000:601_000]
    assert house.scratch_files == []


def test_the_older_reconstruction_tells_the_same(house, repo):
    cut = Cas(house, repo).upload(DATA)
    old, new = (
        Cas(house, repo).plan(cut.file, "bytes=1000-2000", version).json() for version in ("v1", "v2")
    )
    assert old["terms"] == new["terms"]
    assert old["offset_into_first_range"] == new["offset_into_first_range"] == 1000
    ((fetch,),), ((entry,),) = old["fetch_info"].values(), new["xorbs"].values()
    (part,) = entry["ranges"]
    assert (fetch["range"], fetch["url_range"]) == (part["chunks"], part["bytes"])


@pytest.mark.parametrize(
    ("chunk", "xorb", "claim", "rebuild"),
    [
        ("/chunks/default/", "/xorbs/default/", "/shards", "/reconstructions/"),
        ("/chunk/default/", "/xorb/default/", f"/shard/default/{'0' * 64}", "/reconstruction/"),
    ],
)
def test_clients_of_before_find_everything_under_the_names_of_before(
    house, repo, chunk, xorb, claim, rebuild
):
    old, cut = Cas(house, repo), Cut(DATA)
    assert old.call("POST", xorb + cut.xorb, content=cut.body()).json() == {"was_inserted": True}
    assert old.call("POST", claim, content=shard(File.of(cut))).json() == {"result": 1}
    assert old.call("GET", chunk + cas_text(cut.hashes[:32])).status_code == 200
    asked = {"Range": "bytes=1000-2000"}
    told = old.call("GET", rebuild + cut.file, headers=asked).json()
    assert told["terms"] == old.plan(cut.file, "bytes=1000-2000", "v1").json()["terms"]


def test_ranges_of_a_reconstruction(house, repo):
    cut = Cas(house, repo).upload(DATA)
    down = Cas(house, repo, "read")
    size = len(DATA)
    assert down.plan(cut.file, f"bytes=0-{size * 9}").status_code == 200
    assert down.plan(cut.file, f"bytes={size - 1}-").status_code == 200
    beyond = down.plan(cut.file, f"bytes={size}-{size + 5}")
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    for asked in ("bytes=5-4", "bytes=-5", "bytes=0-1,3-4", "items=0-1", "bytes=a-b"):
        assert down.plan(cut.file, asked).status_code == 400
    assert down.plan("0" * 63).status_code == 400


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer x", "Basic eDp4"])
def test_the_cas_asks_for_its_own_token(house, repo, token):
    cut = Cut(DATA)
    auth = {"Authorization": token} if token else {}
    for method, path in (
        ("GET", f"/v1/chunks/default/{cut.xorb}"),
        ("POST", f"/v1/xorbs/default/{cut.xorb}"),
        ("POST", "/v1/shards"),
        ("POST", "/v2/shards"),
        ("GET", f"/v1/reconstructions/{cut.file}"),
        ("GET", f"/v2/reconstructions/{cut.file}"),
    ):
        answer = house.client.request(method, "/cas/e1" + path, headers=auth, content=b"x")
        assert answer.status_code == 401, path
        hub_token = house.client.request(method, "/cas/e1" + path, headers=house.auth(), content=b"x")
        assert hub_token.status_code == 401, path


def test_tokens_end_and_fit_one_epoch_and_cannot_be_altered(house, repo):
    up = Cas(house, repo)
    signer, facts = house.stores.signer, XetToken(repo.id, house.actor().user_id, "e1", write=True)
    good = up.token
    up.token = facts.sign(signer, -1)[0]
    assert up.plan("0" * 64).status_code == 401
    up.token = XetToken(repo.id, house.actor().user_id, "e0", write=True).sign(signer, 60)[0]
    assert up.plan("0" * 64).status_code == 401
    up.token = good[:-1] + ("A" if good[-1] != "A" else "B")
    assert up.plan("0" * 64).status_code == 401
    up.token, up.base = good, "/cas/e2"
    assert up.plan("0" * 64).status_code == 401
    up.token = XetToken(repo.id, house.actor().user_id, "e2", write=True).sign(signer, 60)[0]
    assert up.plan("0" * 64).status_code == 404


def test_a_token_for_downloads_lets_nothing_in(house, repo):
    down, cut = Cas(house, repo, "read"), Cut(DATA)
    assert down.send_xorb(cut).status_code == 403
    assert down.call("POST", "/v2/shards", content=shard(File.of(cut))).status_code == 403
    assert down.call("GET", f"/v1/chunks/default/{cut.xorb}").status_code == 403


def test_a_token_is_worth_no_more_than_its_user_at_that_moment(house, repo):
    up = Cas(house, repo)
    cut = up.upload(DATA)
    stranger = Cas(house, repo, "read", None)
    reader = Cas(house, repo, "read", "eve")
    assert stranger.plan(cut.file).status_code == reader.plan(cut.file).status_code == 200
    house.make_private(repo)
    assert stranger.plan(cut.file).status_code == reader.plan(cut.file).status_code == 404
    assert up.plan(cut.file).status_code == 200
    with house.stores.db.write() as tx:
        accounts.set_disabled(tx, "ada", disabled=True)
    assert up.plan(cut.file).status_code == 401
    assert up.send_xorb(Cut(b"more")).status_code == 401


def test_an_operator_downloads_from_a_private_repository(house):
    private = house.make_repo("eve", private=True)
    cut = Cas(house, private, who="eve").upload(DATA)
    with house.stores.db.write() as tx:
        tx.sql.exec_driver_sql(
            "UPDATE users SET is_admin = 1 WHERE id = (SELECT id FROM owners WHERE name = 'ada')"
        )
    assert Cas(house, private, "read", "ada").plan(cut.file).status_code == 200


def test_a_deleted_repo_takes_its_tokens_along(house, repo):
    up = Cas(house, repo)
    cut = up.upload(DATA)
    with house.stores.db.write() as tx:
        repos.delete(tx, house.actor(), repo.kind, repo.full_name)
    assert up.plan(cut.file).status_code == 404
    assert up.send_xorb(cut).status_code == 404


def test_two_private_repositories_know_nothing_of_each_other(house):
    hers, his = house.make_repo(private=True), house.make_repo("eve", private=True)
    cut = Cas(house, hers).upload(DATA)
    eve = Cas(house, his, who="eve")
    first = cas_text(cut.hashes[:32])
    assert Cas(house, hers).call("GET", f"/v1/chunks/default/{first}").status_code == 200
    assert eve.call("GET", f"/v1/chunks/default/{first}").status_code == 404
    assert eve.plan(cut.file).status_code == 404
    (*_, refused) = eve.send_shard(shard(File.of(cut)))
    assert (refused["type"], refused["retryable"]) == ("error", False)
    assert "does not have" in refused["message"]
    with pytest.raises(repos.LfsObjectMissing):
        house.commit(his, large("stolen.bin", DATA), owner="eve")
    assert eve.send_xorb(cut).json() == {"was_inserted": True}
    assert eve.send_shard(shard(File.of(cut)))[-1] == {"type": "result"}
    house.commit(his, large("mine.bin", DATA), owner="eve")
    assert eve.rebuild(cut.file) == DATA


def cas_text(raw: bytes) -> str:
    return b"".join(raw[at : at + 8][::-1] for at in range(0, 32, 8)).hex()


def test_a_token_reads_the_files_of_its_own_repository_only(house, repo):
    other = house.make_repo()
    cut = Cas(house, other).upload(DATA)
    assert Cas(house, other).plan(cut.file).status_code == 200
    assert Cas(house, repo).plan(cut.file).status_code == 404


def test_what_a_user_may_read_may_be_built_upon(house, repo):
    cut = Cas(house, repo).upload(DATA)
    eves = house.make_repo("eve")
    eve = Cas(house, eves, who="eve")
    assert eve.call("GET", f"/v1/chunks/default/{cas_text(cut.hashes[:32])}").status_code == 200
    assert eve.send_shard(shard(File.of(cut)))[-1] == {"type": "result"}
    house.commit(eves, large("w.bin", DATA), owner="eve")


async def chunked() -> AsyncIterator[bytes]:
    yield b"x"


def test_xorbs_that_are_refused(house, repo):
    up, cut = Cas(house, repo), Cut(DATA)
    path = f"/v1/xorbs/default/{cut.xorb}"
    assert up.call("POST", "/v1/xorbs/default/nope", content=b"x").status_code == 400
    assert up.send_xorb(cut, b"").status_code == 400
    assert up.send_xorb(cut, cut.body()[:-1]).status_code == 400
    wrong = up.send_xorb(Cut(b"other"), cut.body())
    assert (wrong.status_code, "has the hash" in wrong.json()["error"]) == (400, True)
    assert up.call("POST", path, content=chunked()).status_code == 411
    long = up.call("POST", path, content=b"", headers={"Content-Length": "70000000"})
    assert (long.status_code, "68,222,976" in long.json()["error"]) == (413, True)
    assert house.scratch_files == []
    assert list(house.stores.blobs.list("xorbs/")) == []


def test_a_xorb_with_a_footer_is_kept_without_it(house, repo):
    up, cut = Cas(house, repo), Cut(DATA)
    assert up.send_xorb(cut, cut.body() + b"XETBLOB\x01" + bytes(900)).status_code == 200
    (stat,) = house.stores.blobs.list("xorbs/")
    assert stat.size == len(cut.body())


def test_a_refused_shard_is_told_by_a_frame_or_by_a_status(house, repo):
    up = Cas(house, repo)
    (*_, refused) = up.send_shard(b"nonsense")
    assert refused == {
        "type": "error",
        "message": "The shard is not valid: it is shorter than its header.",
        "retryable": False,
    }
    old = up.call("POST", "/v1/shards", content=b"nonsense")
    assert (old.status_code, old.json()["error"]) == (400, refused["message"])


def test_the_older_way_to_send_a_shard(house, repo):
    up, cut = Cas(house, repo), Cut(DATA)
    up.send_xorb(cut)
    for expected in (1, 0):
        answer = up.call("POST", "/v1/shards", content=shard(File.of(cut)))
        assert answer.json() == {"result": expected}


def test_a_shard_over_64_mib_is_refused_before_it_is_read(house, repo):
    answer = Cas(house, repo).call(
        "POST", "/v2/shards", content=b"", headers={"Content-Length": str((64 << 20) + 1)}
    )
    assert answer.status_code == 413


def test_a_long_proof_tells_how_far_it_is(house, repo, monkeypatch):
    monkeypatch.setattr(xet_shards, "LOOK", 0.001)
    up, cut = Cas(house, repo), Cut(noise(12_000_000))
    up.send_xorb(cut, cut.body((0,)))
    frames = up.send_shard(shard(File.of(cut)))
    kinds = [frame["type"] for frame in frames]
    assert kinds[-2:] == ["committing", "result"]
    assert set(kinds[:-2]) == {"validating"}
    told = [frame["verified"] for frame in frames if frame["type"] == "validating"]
    assert told == sorted(told)


def links(house, repo, data: bytes = DATA) -> tuple[str, int, int, bytes]:
    """Upload, and return the URL of its one range, the range, and the bytes there."""
    up = Cas(house, repo)
    cut = up.upload(data)
    ((entry,),) = up.plan(cut.file, "bytes=300000-400000").json()["xorbs"].values()
    (part,) = entry["ranges"]
    first, last = part["bytes"]["start"], part["bytes"]["end"]
    return entry["url"], first, last, cut.body()[first : last + 1]


def test_a_link_gives_its_range_and_nothing_else(house, repo):
    url, first, last, body = links(house, repo)
    assert 0 < first < last
    get = house.client.get
    whole = get(url)
    assert (whole.status_code, whole.content) == (200, body)
    exact = get(url, headers={"Range": f"bytes={first}-{last}"})
    assert (exact.status_code, exact.content) == (206, body)
    assert exact.headers["content-range"].startswith(f"bytes {first}-{last}/")
    inner = get(url, headers={"Range": f"bytes={first + 5}-{first + 9}"})
    assert (inner.status_code, inner.content) == (206, body[5:10])
    for asked in (f"bytes={first - 1}-{last}", f"bytes={first}-{last + 1}", "bytes=0-0"):
        assert get(url, headers={"Range": asked}).status_code == 403
    for asked in (
        f"bytes={first}-",
        "bytes=-5",
        f"bytes={first}-{first},-5",
        f"bytes={first}-{first},",
        f"items={first}-{first}",
        "bytes=" + ",".join([f"{first}-{first}"] * 101),
        f"bytes={first}-{first}{' ' * 5000}, {last}-{last}",
        "junk",
    ):
        assert get(url, headers={"Range": asked}).status_code == 400
    assert get(url, headers=[("Range", f"bytes={first}-{last}"), ("Range", "bytes=0-0")]).status_code == 400


def test_a_link_gives_several_ranges_inside_its_own(house, repo):
    url, first, last, body = links(house, repo)
    answer = house.client.get(url, headers={"Range": f"bytes={last}-{last},{first}-{first + 4}"})
    assert (answer.status_code, answer.headers["content-length"]) == (206, str(len(answer.content)))
    boundary = answer.headers["content-type"].removeprefix("multipart/byteranges; boundary=").encode()
    size = house.client.get(url, headers={"Range": f"bytes={first}-{last}"}).headers["content-range"]
    total, kind = size.rpartition("/")[2], "Content-Type: application/octet-stream"
    heads = [
        f"{kind}\r\nContent-Range: bytes {at}/{total}" for at in (f"{last}-{last}", f"{first}-{first + 4}")
    ]
    parts = zip(heads, (body[-1:], body[:5]), strict=True)
    told = b"".join(b"--%s\r\n%s\r\n\r\n%s\r\n" % (boundary, head.encode(), data) for head, data in parts)
    assert answer.content == told + b"--%s--\r\n" % boundary
    outside = house.client.get(url, headers={"Range": f"bytes={first}-{first},{last + 1}-{last + 1}"})
    assert outside.status_code == 403


def test_a_range_for_another_state_of_a_xorb_gives_no_more_than_the_link(house, repo):
    url, first, last, body = links(house, repo)
    tag = house.client.get(url, headers={"Range": f"bytes={first}-{last}"}).headers["etag"]
    asked = {"Range": f"bytes={first}-{first + 4}"}
    same = house.client.get(url, headers=asked | {"If-Range": tag})
    assert (same.status_code, same.content) == (206, body[:5])
    for other in ('"other"', "Wed, 21 Oct 2015 07:28:00 GMT", f"W/{tag}"):
        answer = house.client.get(url, headers=asked | {"If-Range": other})
        assert (answer.status_code, answer.content) == (200, body)


def test_a_link_ends_and_cannot_be_altered(house, repo):
    url, first, last, _ = links(house, repo)
    base, _, secret = url.partition("?s=")
    assert house.client.get(f"{base}?s={secret[:-2]}AA").status_code == 403
    assert house.client.get(base).status_code == 403
    old = XetFetch(1, first, last + 1).sign(house.stores.signer, -1)
    assert house.client.get(f"{base}?s={old}").status_code == 403
    gone = XetFetch(999, 0, 10).sign(house.stores.signer, 60)
    assert house.client.get(f"{base}?s={gone}").status_code == 403
    token = Cas(house, repo).token
    assert house.client.get(f"{base}?s={token}").status_code == 403


def test_behind_nginx_a_link_still_gives_nothing_else(make_house):
    house = make_house(accel_redirect="/internal/")
    url, first, last, body = links(house, house.make_repo())
    whole = house.client.get(url)
    assert (whole.status_code, whole.content) == (200, body)
    assert "x-accel-redirect" not in whole.headers
    exact = house.client.get(url, headers={"Range": f"bytes={first}-{last}"})
    assert exact.headers["x-accel-redirect"].startswith("/internal/blobs/xorbs/")
    for more in ({"Range": f"bytes={first}-{first},{last}-{last}"}, {"If-Range": '"other"'}):
        answer = house.client.get(url, headers={"Range": f"bytes={first}-{last}"} | more)
        assert "x-accel-redirect" not in answer.headers
        assert len(answer.content) <= len(body)


def test_an_object_that_came_whole_is_fetched_by_xet_after_its_conversion(house, repo):
    sha256 = house.hold(repo, DATA)
    house.commit(repo, large("w.bin", DATA))
    assert "x-xet-hash" not in house.client.head(f"/{repo.full_name}/resolve/main/w.bin").headers
    repos.HANDLERS["cas.convert"](house.stores, {"sha256": sha256})
    name = house.client.head(f"/{repo.full_name}/resolve/main/w.bin").headers["x-xet-hash"]
    down = Cas(house, repo, "read")
    assert name == Cut(DATA).file
    assert down.rebuild(name) == DATA
    assert down.rebuild(name, "bytes=123456-234567")[:111_112] == DATA[123_456:234_568]
    assert len(list(house.stores.blobs.list("xorbs/"))) == 0


def test_what_is_not_offered_is_a_plain_404(house, repo):
    up = Cas(house, repo)
    for method, path in (
        ("POST", f"/v1/xorb-grants/default/{'0' * 64}"),
        ("HEAD", f"/v1/xorbs/default/{'0' * 64}"),
        ("GET", f"/v2/file-chunk-hashes/{'0' * 64}"),
        ("GET", "/v1/reconstructions"),
        ("PUT", "/anything"),
    ):
        assert up.call(method, path).status_code == 404, path
    assert house.client.post("/v1/telemetry", content=b"{}").status_code == 204


def test_a_client_that_leaves_in_the_middle_of_a_xorb_leaves_nothing(house, repo):
    up, cut = Cas(house, repo), Cut(DATA)
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/cas/e1/v1/xorbs/default/{cut.xorb}",
        "raw_path": f"/cas/e1/v1/xorbs/default/{cut.xorb}".encode(),
        "query_string": b"",
        "http_version": "1.1",
        "scheme": "http",
        "server": ("hub.test", 80),
        "client": ("127.0.0.1", 1),
        "headers": [
            (b"authorization", f"Bearer {up.token}".encode()),
            (b"content-length", str(len(cut.body())).encode()),
        ],
    }
    messages: list[dict] = [
        {"type": "http.request", "body": cut.body()[:300_000], "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[dict] = []

    async def receive() -> dict:
        return messages.pop(0) if len(messages) > 1 else messages[0]

    async def send(message: dict) -> None:
        sent.append(message)

    asyncio.run(house.app(scope, receive, send))
    assert sent[0]["status"] == 400
    assert house.scratch_files == []
    assert list(house.stores.blobs.list("xorbs/")) == []


def test_a_small_file_beside_a_large_one(house, repo):
    Cas(house, repo).upload(DATA)
    house.commit(repo, add("a.txt", b"small"), large("w.bin", DATA))
    answer = house.client.get(f"/{repo.full_name}/resolve/main/a.txt")
    assert isinstance(answer, httpx.Response)
    assert (answer.content, "x-xet-hash" in answer.headers) == (b"small", False)
    assert cas.MAX_SHARD == 64 << 20


@contextlib.contextmanager
def statements(house) -> Iterator[list[str]]:
    """Gather how SQLite goes about every SELECT that runs inside the block."""
    plans: list[str] = []
    engines = {house.stores.db._reader, house.stores.db._writer}

    def explain(connection, cursor, statement, parameters, context, many) -> None:
        if statement.startswith("SELECT"):
            rows = connection.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(f"{row[-1]} in {statement}" for row in rows)

    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", explain)
    try:
        yield plans
    finally:
        for engine in engines:
            sa.event.remove(engine, "before_cursor_execute", explain)


def test_no_call_of_the_cas_reads_a_whole_table(house, repo):
    up, cut = Cas(house, repo), Cut(DATA)
    with statements(house) as plans:
        up.upload(DATA)
        up.call("GET", f"/v1/chunks/default/{cas_text(cut.hashes[:32])}")
        up.rebuild(cut.file, "bytes=300000-400000")
    assert len(plans) > 20
    nothing = ("SCAN CONSTANT ROW", "SCAN (subquery-")  # an empty list of organizations or groups: no table
    assert [plan for plan in plans if plan.startswith("SCAN") and not plan.startswith(nothing)] == []


def test_a_client_that_remembers_what_is_gone_is_made_to_forget(house, repo):
    up = Cas(house, repo)
    cut = Cut(DATA)
    (*_, refused) = up.send_shard(shard(File.of(cut)))
    assert "upload again" in refused["message"]
    anew = Cas(house, repo)
    assert (up.base, anew.base) == ("/cas/e1", "/cas/e1-1")
    assert Cas(house, repo, "read").base == Cas(house, house.make_repo("eve"), who="eve").base == "/cas/e1"
    assert anew.upload(DATA).file == cut.file
    assert up.send_shard(shard(File.of(cut)))[-1] == {"type": "result"}


def test_shards_of_one_user_take_turns_and_all_get_their_answer(house, repo):
    up, eves = Cas(house, repo), Cas(house, house.make_repo("eve"), who="eve")
    cuts = [Cut(noise(3_000_000, seed)) for seed in range(6)]
    for cut in cuts:
        up.send_xorb(cut)
    eves.send_xorb(cuts[0])
    bodies = [(up.token, shard(File.of(cut))) for cut in cuts] + [(eves.token, shard(File.of(cuts[0])))]

    async def all_at_once() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=house.app)
        async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
            auth = [{"Authorization": f"Bearer {token}"} for token, _ in bodies]
            asked = (
                client.post("/cas/e1/v2/shards", content=body, headers=who)
                for who, (_, body) in zip(auth, bodies, strict=True)
            )
            return await asyncio.gather(*asked)

    assert all(answer.text.endswith('{"type":"result"}\n') for answer in asyncio.run(all_at_once()))
