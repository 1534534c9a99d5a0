"""A stranger learns nothing about a private repository by any route: it looks exactly like one that does not exist."""

import json
import re
import urllib.error
import urllib.request
from dataclasses import dataclass

import pytest
from tests.clients.harness.content import noise

from hubkeep.cas.hashing import chunk_hash, to_hex

SECRET = noise(600_000, 77)


@dataclass(frozen=True)
class Answer:
    """What a request came back with, without what names the repository or the moment."""

    status: int
    code: str | None
    body: bytes


def ask(
    url: str, token: str | None = None, method: str = "GET", body: bytes | None = None, **headers: str
) -> Answer:
    """Send one request and return the answer; redirects are not followed."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, body, headers, method=method)
    try:
        with _opener.open(request, timeout=30) as reply:
            return Answer(reply.status, reply.headers.get("X-Error-Code"), reply.read())
    except urllib.error.HTTPError as refused:
        return Answer(refused.code, refused.headers.get("X-Error-Code"), refused.read())


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirects)


@pytest.fixture
def secret(ada, repo):
    """A private model with a large file; its commit, the file's hashes, and its first chunk."""

    def story(hf, api):
        api.create_repo(repo, private=True)
        adds = [
            hf.CommitOperationAdd("secret.bin", SECRET),
            hf.CommitOperationAdd("README.md", b"---\ntags: [hidden-tag]\n---\n# Hidden words\n"),
        ]
        done = api.create_commit(repo, adds, commit_message="secret")
        [info] = api.get_paths_info(repo, "secret.bin")
        return {
            "repo": repo,
            "commit": done.oid,
            "sha256": info.lfs.sha256,
            "xet": info.xet_hash,
            "blob": info.blob_id,
        }

    return ada.run(story)


def requests_about(
    repo: str, facts: dict[str, str]
) -> dict[str, tuple[str, str, bytes | None, dict[str, str]]]:
    """Every route that names a repository: method, path, body, headers."""
    api, commit = f"/api/models/{repo}", facts["commit"]
    js = {"Content_Type": "application/json"}
    ndjson = b'{"key":"header","value":{"summary":"x","description":""}}\n{"key":"deletedFile","value":{"path":"secret.bin"}}\n'
    lfs = {"Content_Type": "application/vnd.git-lfs+json", "Accept": "application/vnd.git-lfs+json"}
    batch = {
        "operation": "download",
        "transfers": ["basic"],
        "objects": [{"oid": facts["sha256"], "size": len(SECRET)}],
        "hash_algo": "sha256",
    }

    def body(value: object) -> bytes:
        return json.dumps(value).encode()

    return {
        "info": ("GET", api, None, {}),
        "info at a commit": ("GET", f"{api}/revision/{commit}", None, {}),
        "info expanded": ("GET", f"{api}?expand=private&expand=sha", None, {}),
        "tree": ("GET", f"{api}/tree/main", None, {}),
        "tree of a folder": ("GET", f"{api}/tree/{commit}/x?recursive=true&expand=true", None, {}),
        "paths-info": (
            "POST",
            f"{api}/paths-info/main",
            b"paths=secret.bin&expand=true",
            {"Content_Type": "application/x-www-form-urlencoded"},
        ),
        "tree size": ("GET", f"{api}/treesize/main/x", None, {}),
        "commits": ("GET", f"{api}/commits/main", None, {}),
        "compare": ("GET", f"{api}/compare/main..{commit}", None, {}),
        "refs": ("GET", f"{api}/refs", None, {}),
        "lfs files": ("GET", f"{api}/lfs-files", None, {}),
        "safetensors": ("GET", f"{api}/safetensors-metadata/model.safetensors.index.json", None, {}),
        "auth-check": ("GET", f"{api}/auth-check", None, {}),
        "auth-check write": ("GET", f"{api}/auth-check/write", None, {}),
        "scan": ("GET", f"{api}/scan", None, {}),
        "resolve": ("GET", f"/{repo}/resolve/main/secret.bin", None, {}),
        "resolve HEAD": ("HEAD", f"/{repo}/resolve/{commit}/README.md", None, {}),
        "raw": ("GET", f"/{repo}/raw/main/README.md", None, {}),
        "read token": ("GET", f"{api}/xet-read-token/main", None, {}),
        "write token": ("GET", f"{api}/xet-write-token/main", None, {}),
        "write token without revision": ("GET", f"{api}/xet-write-token/None?create_pr=1", None, {}),
        "preupload": (
            "POST",
            f"{api}/preupload/main",
            body({"files": [{"path": "secret.bin", "sample": "", "size": 1}]}),
            js,
        ),
        "commit": ("POST", f"{api}/commit/main", ndjson, {"Content_Type": "application/x-ndjson"}),
        "create branch": ("POST", f"{api}/branch/x", b"{}", js),
        "delete branch": ("DELETE", f"{api}/branch/main", None, {}),
        "create tag": ("POST", f"{api}/tag/main", body({"tag": "x"}), js),
        "delete tag": ("DELETE", f"{api}/tag/x", None, {}),
        "squash": ("POST", f"{api}/super-squash/main", body({"message": "x"}), js),
        "lfs delete": (
            "POST",
            f"{api}/lfs-files/batch",
            body({"deletions": {"sha": [facts["sha256"]], "rewriteHistory": True}}),
            js,
        ),
        "lfs copy": (
            "POST",
            f"{api}/lfs-files/duplicate",
            body(
                {
                    "target": {"type": "model", "name": "eve/x"},
                    "files": [{"xetHash": facts["xet"], "sha256": facts["sha256"], "filename": "x"}],
                }
            ),
            js,
        ),
        "settings": ("PUT", f"{api}/settings", body({"private": False}), js),
        "duplicate": ("POST", f"{api}/duplicate", body({"repository": "eve/duplicated"}), js),
        "delete": (
            "DELETE",
            "/api/repos/delete",
            body({"name": repo.partition("/")[2], "organization": "ada", "type": "model"}),
            js,
        ),
        "move": (
            "POST",
            "/api/repos/move",
            body({"fromRepo": repo, "toRepo": "eve/moved", "type": "model"}),
            js,
        ),
        "discussions": ("GET", f"{api}/discussions", None, {}),
        "discussion": ("GET", f"{api}/discussions/1?diff=1", None, {}),
        "open a discussion": (
            "POST",
            f"{api}/discussions",
            body({"title": "x", "description": "y", "pullRequest": False}),
            js,
        ),
        "open a pull request": (
            "POST",
            f"{api}/discussions",
            body({"title": "x", "description": "y", "pullRequest": True}),
            js,
        ),
        "comment": ("POST", f"{api}/discussions/1/comment", body({"comment": "x"}), js),
        "merge": ("POST", f"{api}/discussions/1/merge", body({}), js),
        "commit as a pull request": (
            "POST",
            f"{api}/commit/main?create_pr=1",
            ndjson,
            {"Content_Type": "application/x-ndjson"},
        ),
        "git": ("GET", f"/{repo}/info/refs?service=git-upload-pack", None, {}),
        "git with .git": (
            "GET",
            f"/{repo}.git/info/refs?service=git-upload-pack",
            None,
            {"Git_Protocol": "version=2"},
        ),
        "git push": ("GET", f"/{repo}.git/info/refs?service=git-receive-pack", None, {}),
        "upload-pack": (
            "POST",
            f"/{repo}.git/git-upload-pack",
            b"0014command=ls-refs\n00010000",
            {"Content_Type": "application/x-git-upload-pack-request", "Git_Protocol": "version=2"},
        ),
        "receive-pack": (
            "POST",
            f"/{repo}.git/git-receive-pack",
            b"0000",
            {"Content_Type": "application/x-git-receive-pack-request"},
        ),
        "lfs batch": ("POST", f"/{repo}.git/info/lfs/objects/batch", body(batch), lfs),
        "lfs batch up": (
            "POST",
            f"/{repo}.git/info/lfs/objects/batch",
            body(batch | {"operation": "upload"}),
            lfs,
        ),
        "page": ("GET", f"/{repo}", None, {"Accept": "text/html"}),
        "page of files": ("GET", f"/{repo}/tree/main", None, {"Accept": "text/html"}),
        "page of a file": ("GET", f"/{repo}/blob/main/README.md", None, {"Accept": "text/html"}),
        "page of commits": ("GET", f"/{repo}/commits/main", None, {"Accept": "text/html"}),
        "page of a commit": ("GET", f"/{repo}/commit/{commit}", None, {"Accept": "text/html"}),
    }


@pytest.mark.parametrize("who", ["eve", None], ids=["stranger", "nobody"])
def test_every_route_answers_as_if_it_were_not_there(hub, tokens, secret, who):
    token = who and tokens[who]
    there = secret["repo"]
    missing = there[:-1] + ("x" if there[-1] != "x" else "y")  # as long, so that bodies can be compared
    told = {}
    for name, (method, path, body, headers) in requests_about(there, secret).items():
        other = requests_about(missing, secret)[name]
        real, absent = (
            ask(hub.url + path, token, method, body, **headers),
            ask(hub.url + other[1], token, other[0], other[2], **other[3]),
        )
        plain = real.body.replace(there.encode(), b"REPO").replace(there.partition("/")[2].encode(), b"NAME")
        blank = absent.body.replace(missing.encode(), b"REPO").replace(
            missing.partition("/")[2].encode(), b"NAME"
        )
        if name.startswith("page"):  # pages may carry a fresh number against forgery
            plain = blank = b""
        plain, blank = (re.sub(rb'"request_id":"\w+"', b"", text) for text in (plain, blank))
        if (real.status, real.code, plain) != (absent.status, absent.code, blank) or real.status < 400:
            told[name] = (real, absent)
        assert b"Hidden words" not in real.body
        assert b"hidden-tag" not in real.body
        if path.startswith("/api/models") or "/resolve/" in path:
            assert (real.status, real.code) == ((404 if token else 401), "RepoNotFound"), name
    assert not told


def test_no_list_and_no_search_names_it(hub, tokens, secret, eve, nobody):
    name = secret["repo"].partition("/")[2]

    def story(api):
        searches = [
            {"search": name},
            {"author": "ada"},
            {"filter": "hidden-tag"},
            {"search": "Hidden words"},
            {"search": name, "sort": "created_at", "full": True},
        ]
        listed = [model.id for asked in searches for model in api.list_models(**asked)]
        tags = api.get_model_tags()
        return listed, "hidden-tag" in json.dumps(tags)

    for one in (eve, nobody):
        listed, told = one.run(story)
        assert secret["repo"] not in listed
        assert not told
    places = [
        "/",
        "/models",
        f"/models?search={name}",
        "/ada",
        "/api/trending?limit=20",
        f"/api/quicksearch?q={name}",
    ]
    for token in (tokens["eve"], None):
        for place in places:
            shown = ask(hub.url + place, token)
            assert shown.status == 200
            assert f'/{secret["repo"]}"' not in shown.body.decode()
            assert f'"{secret["repo"]}"' not in shown.body.decode()


def test_the_question_for_a_chunk_is_answered_to_its_owner_only(ada, hub, tokens, repo):
    """Ada's file is one chunk: she is told of the xorb that has it, a stranger hears what she would for any chunk."""
    content = noise(7_000, 78)
    chunk = to_hex(chunk_hash(content))
    unknown = to_hex(chunk_hash(content[:-1]))

    def upload(api):
        api.create_repo(repo, private=True)
        api.upload_file(path_or_fileobj=content, path_in_repo="x.bin", repo_id=repo)
        api.create_repo("ada/asks", exist_ok=True)

    def answer(user, about, asked):
        told = json.loads(ask(f"{hub.url}/api/models/{about}/xet-write-token/main", tokens[user]).body)
        return ask(f"{told['casUrl']}/v1/chunks/default/{asked}", told["accessToken"])

    ada.run(upload)
    eves = json.loads(
        ask(
            f"{hub.url}/api/repos/create",
            tokens["eve"],
            "POST",
            b'{"name":"asks"}',
            Content_Type="application/json",
        ).body
    )
    assert answer("ada", repo, chunk).status == 200
    assert answer("ada", "ada/asks", chunk).status == 200
    assert answer("ada", repo, unknown).status == 404
    assert answer("eve", eves["name"], chunk) == answer("eve", eves["name"], unknown)
    assert answer("eve", eves["name"], chunk).status == 404


def test_a_xet_token_for_one_repository_opens_no_other(hub, tokens, secret, eve):
    """eve has a token of her own repository: it reconstructs nothing of ada's, and learns of no chunk."""

    def mine(api):
        return api.create_repo("eve/own", exist_ok=True).repo_id

    own = eve.run(mine)
    for kind in ("read", "write"):
        told = json.loads(ask(f"{hub.url}/api/models/{own}/xet-{kind}-token/main", tokens["eve"]).body)
        cas, token = told["casUrl"], told["accessToken"]
        for version in ("v1", "v2"):
            answer = ask(f"{cas}/{version}/reconstructions/{secret['xet']}", token)
            unknown = ask(f"{cas}/{version}/reconstructions/{'0' * 64}", token)
            assert answer.status == unknown.status == 404
            assert answer.body.replace(secret["xet"].encode(), b"") == unknown.body.replace(b"0" * 64, b"")
    # The hub's own token is no CAS token, and the other way round.
    assert ask(f"{cas}/v1/reconstructions/{secret['xet']}", tokens["eve"]).status in (401, 403)
    assert ask(f"{hub.url}/api/whoami-v2", token).status == 401
