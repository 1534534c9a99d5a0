"""What a Xet client does, one call at a time."""

from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
from tests.unit.cas.build import Cut, File, shard
from tests.unit.wire.conftest import House

from hubkeep.cas.xorb_format import parse_header, unpack
from hubkeep.repos import Repo


def ask_token(
    house: House,
    repo: Repo,
    scope: str = "write",
    who: str | None = "ada",
    rev: str = "main",
    query: str = "",
) -> httpx.Response:
    auth = house.auth(who) if who else {}
    url = f"/api/{repo.kind.plural}/{repo.full_name}/xet-{scope}-token/{rev}{query}"
    return house.client.get(url, headers=auth)


class Cas:
    """The CAS, as the holder of a token sees it."""

    def __init__(self, house: House, repo: Repo, scope: str = "write", who: str | None = "ada") -> None:
        answer = ask_token(house, repo, scope, who)
        assert answer.status_code == 200, answer.text
        told = answer.json()
        self.house, self.token = house, told["accessToken"]
        self.base = urlsplit(told["casUrl"]).path

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"} | options.pop("headers", {})
        return self.house.client.request(method, self.base + path, headers=headers, **options)

    def send_xorb(self, cut: Cut, body: bytes | None = None) -> httpx.Response:
        return self.call(
            "POST", f"/v1/xorbs/default/{cut.xorb}", content=cut.body() if body is None else body
        )

    def send_shard(self, body: bytes) -> list[dict[str, Any]]:
        answer = self.call("POST", "/v2/shards", content=body)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/x-ndjson"
        return [orjson.loads(line) for line in answer.content.splitlines()]

    def upload(self, data: bytes) -> Cut:
        cut = Cut(data)
        assert self.send_xorb(cut).status_code == 200
        assert self.send_shard(shard(File.of(cut)))[-1] == {"type": "result"}
        return cut

    def plan(self, name: str, asked: str | None = None, version: str = "v2") -> httpx.Response:
        headers = {"Range": asked} if asked else {}
        return self.call("GET", f"/{version}/reconstructions/{name}", headers=headers)

    def rebuild(self, name: str, asked: str | None = None) -> bytes:
        """Fetch and put together what a v2 reconstruction tells."""
        plan = self.plan(name, asked).json()
        chunks: dict[tuple[str, int], bytes] = {}
        for xorb, entries in plan["xorbs"].items():
            for entry in entries:
                (part,) = entry["ranges"]
                first, last = part["bytes"]["start"], part["bytes"]["end"]
                got = self.house.client.get(entry["url"], headers={"Range": f"bytes={first}-{last}"})
                assert (got.status_code, len(got.content)) == (206, last - first + 1)
                for at, chunk in enumerate(split(got.content), part["chunks"]["start"]):
                    chunks[xorb, at] = chunk
        out = b""
        for term in plan["terms"]:
            part_chunks = [
                chunks[term["hash"], at] for at in range(term["range"]["start"], term["range"]["end"])
            ]
            assert sum(map(len, part_chunks)) == term["unpacked_length"]
            out += b"".join(part_chunks)
        return out[plan["offset_into_first_range"] :]


def split(body: bytes) -> list[bytes]:
    chunks, at = [], 0
    while at < len(body):
        scheme, payload, size = parse_header(body[at : at + 8])
        chunks.append(bytes(unpack(scheme, body[at + 8 : at + 8 + payload], size)))
        at += 8 + payload
    return chunks
