"""Every address that is about one repository, and whom it lets in: the table that `test_every_route` walks."""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

JS = {"Content-Type": "application/json"}
NDJSON = {"Content-Type": "application/x-ndjson"}
LFS = {"Content-Type": "application/vnd.git-lfs+json", "Accept": "application/vnd.git-lfs+json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NO = "0" * 64  # a sha256 or a hash that nothing has


class Needs(StrEnum):
    """What somebody must be to pass."""

    PUBLIC = "is anybody, and the repository is public"
    ABOUT = "sees the repository"
    CONTENT = "has been let through its gate, too"
    PROPOSE = "the same, and may write something"
    SPEAK = "sees the repository, signed in with what may write"
    OWN = "sees the repository, signed in with whatever"
    WRITE = "may write to it"
    TICKET = "brings a signed address, which is asked for elsewhere"
    FORM = "sends a form of a page, with the token of that form"
    NOTHING = "is told that there is no such thing, whoever asks"


@dataclass(frozen=True)
class Door:
    """What is needed, and a request that asks for it: `at` fills in the rest of the address."""

    needs: Needs
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    at: dict[str, str] = field(default_factory=dict)
    query: str = ""

    def content(self, full_name: str) -> bytes | None:
        if self.body is None or isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body).replace("THIS", full_name).encode()


ALL, A, C, P, S, K, W, T, F, N = Needs
COMMIT = b'{"key":"header","value":{"summary":"x","description":""}}\n{"key":"deletedFile","value":{"path":"secret.txt"}}\n'
BATCH = {
    "operation": "download",
    "transfers": ["basic"],
    "objects": [{"oid": NO, "size": 1}],
    "hash_algo": "sha256",
}
SECRET = {"path": "secret.txt"}


def js(needs: Needs, body: Any, **more: Any) -> Door:
    return Door(needs, body, JS, **more)


# `API` stands for `/api/models/{owner}/{name}`, `REPO` for `/{owner}/{name}`. What is left open in an address is filled in
# by AT, else by the door's own `at`.
AT = {
    "rev": "main",
    "path": "secret.txt",
    "num": "1",
    "comment_id": NO[:24],
    "event": NO[:24],
    "span": "main..main",
    "sha": NO,
    "oid": NO,
    "number": "1",
    "rest": "x",
    "status": "pending",
}
DOORS: dict[str, Door] = {
    # bytes
    "GET REPO/resolve/{rev}/{path}": Door(C),
    "GET REPO/raw/{rev}/{path}": Door(C),
    "GET API/xet-read-token/{rev}": Door(C),
    "GET API/xet-write-token/{rev}": Door(W),
    "POST REPO/info/lfs/objects/batch": Door(C, BATCH, LFS),
    "POST REPO/info/lfs/objects/{oid}/verify": Door(A, {"oid": NO, "size": 1}, LFS),
    "PUT REPO/info/lfs/objects/{oid}/parts/{number}": Door(T, b"x"),
    "POST REPO/info/lfs/objects/{oid}/parts": Door(T, {"oid": NO, "parts": []}, LFS),
    "GET REPO/info/lfs/objects/{oid}/parts": Door(T),
    "PUT REPO/info/lfs/objects/{oid}": Door(T, b"x"),
    "GET REPO/info/lfs/objects/{oid}": Door(T),
    "GET REPO/info/lfs/locks": Door(N),
    "POST REPO/info/lfs/locks": Door(N),
    "GET REPO/info/lfs/locks/{rest}": Door(N),
    "POST REPO/info/lfs/locks/{rest}": Door(N),
    "GET REPO/info/refs": Door(C, query="?service=git-upload-pack"),
    "POST REPO/git-upload-pack": Door(C, b"0000", {"Content-Type": "application/x-git-upload-pack-request"}),
    "POST REPO/git-receive-pack": Door(
        W, b"0000", {"Content-Type": "application/x-git-receive-pack-request"}
    ),
    # what is in it
    "GET API": Door(A),
    "GET API/revision/{rev}": Door(A),
    "GET API/auth-check": Door(C),
    "GET API/auth-check/write": Door(W),
    "GET API/scan": Door(A),
    "GET API/tree/{rev}": Door(A),
    "GET API/tree/{rev}/{path}": Door(A, at={"path": "folder"}),
    "POST API/paths-info/{rev}": Door(A, b"paths=secret.txt", FORM),
    "GET API/treesize/{rev}/{path}": Door(A, at={"path": "folder"}),
    "GET API/commits/{rev}": Door(A),
    "GET API/compare/{span}": Door(C),
    "GET API/refs": Door(A),
    "GET API/lfs-files": Door(A),
    "GET API/safetensors-metadata/{path}": Door(C),
    "GET API/leaderboard": Door(A),
    # changes
    "PUT API/settings": js(W, {"discussionsDisabled": False}),
    "POST API/duplicate": js(P, {"repository": "eve/copy"}),
    "POST API/preupload/{rev}": js(W, {"files": [{"path": "a", "sample": "", "size": 1}]}),
    "POST API/commit/{rev}": Door(W, COMMIT, NDJSON),
    "POST API/branch/{rev}": js(W, {}, at={"rev": "new"}),
    "DELETE API/branch/{rev}": Door(W, at={"rev": "new"}),
    "POST API/tag/{rev}": js(W, {"tag": "v1"}),
    "DELETE API/tag/{rev}": Door(W, at={"rev": "v1"}),
    "POST API/super-squash/{rev}": js(W, {"message": "x"}),
    "POST API/lfs-files/batch": js(W, {"deletions": {"sha": [NO], "rewriteHistory": False}}),
    "DELETE API/lfs-files/{sha}": Door(W),
    "POST API/lfs-files/duplicate": js(W, {"target": {"type": "model", "name": "THIS"}, "files": []}),
    "GET API/resource-group": Door(A),
    "POST API/resource-group": js(W, {"resourceGroupId": None}),
    # talk
    "GET API/discussions": Door(A),
    "POST API/discussions": js(S, {"title": "Title", "description": "text"}),
    "GET API/discussions/{num}": Door(A, query="?diff=1"),
    "DELETE API/discussions/{num}": Door(W),
    "POST API/discussions/{num}/comment": js(S, {"comment": "x"}),
    "POST API/discussions/{num}/comment/{comment_id}/edit": js(S, {"content": "x"}),
    "POST API/discussions/{num}/comment/{comment_id}/hide": js(S, {}),
    "POST API/discussions/{num}/comment/{comment_id}/reaction": js(S, {"reaction": "heart"}),
    "POST API/discussions/{num}/title": js(W, {"title": "Other title"}),
    "POST API/discussions/{num}/status": js(W, {"status": "closed"}),
    "POST API/discussions/{num}/merge": js(W, {}),
    "POST API/discussions/{num}/pin": js(W, {"pinned": True}),
    "POST API/discussions/{num}/lock": js(W, {"locked": False}),
    "POST API/discussions/{num}/mute": js(S, {"muted": True}),
    "GET API/discussions/{num}/diff": Door(C),
    "GET API/discussions/{num}/storage": Door(C),
    "DELETE API/discussions/{num}/ref": Door(W),
    "POST API/like": Door(S),
    "DELETE API/like": Door(S),
    "GET API/likers": Door(A),
    # the gate
    "POST API/user-access-request/cancel": Door(S),
    "POST API/user-access-request/handle": js(W, {"user": "eve", "status": "accepted"}),
    "POST API/user-access-request/batch": js(W, {"requests": [], "status": "accepted"}),
    "POST API/user-access-request/grant": js(W, {"user": "eve"}),
    "GET API/user-access-request/{status}": Door(W),
    "POST REPO/ask-access": js(S, {}),
    "GET REPO/user-access-report": Door(W),
    # pages
    "GET REPO": Door(A),
    "GET REPO.md": Door(A),
    "GET /-/posters/REPO.png": Door(ALL),
    "GET /feeds/REPO/commits.atom": Door(A),
    "GET /feeds/REPO/discussions.atom": Door(A),
    "GET REPO/tree/{rev}": Door(A),
    "GET REPO/tree/{rev}/{path}": Door(A, at={"path": "folder"}),
    "GET REPO/blob/{rev}/{path}": Door(C),
    "GET REPO/blame/{rev}/{path}": Door(C),
    "GET REPO/compare": Door(A),
    "GET REPO/compare/{span}": Door(C),
    "GET REPO/commits/{rev}": Door(A),
    "GET REPO/commits/{rev}/{path}": Door(A),
    "GET REPO/commit/{rev}": Door(C),
    "GET REPO/refs": Door(A),
    "GET REPO/likers": Door(A),
    "GET REPO/collect": Door(K),
    "GET REPO/duplicate": Door(P),
    "GET REPO/gate": Door(A),
    "GET REPO/discussions": Door(A),
    "GET REPO/discussions/new": Door(K),
    "GET REPO/discussions/{num}": Door(A),
    "GET REPO/discussions/{num}/files": Door(C),
    "GET REPO/discussions/{num}/commits": Door(A),
    "GET REPO/discussions/{num}/history/{event}": Door(A),
    "GET REPO/edit/{rev}/{path}": Door(P),
    "GET REPO/new/{rev}": Door(P),
    "GET REPO/new/{rev}/{path}": Door(P, at={"path": "folder"}),
    "GET REPO/rename/{rev}/{path}": Door(P),
    "GET REPO/delete/{rev}/{path}": Door(P),
    "GET REPO/upload/{rev}": Door(P),
    "GET REPO/upload/{rev}/{path}": Door(P, at={"path": "folder"}),
    "GET REPO/settings": Door(W),
    "GET REPO/settings/storage": Door(W),
    "GET REPO/settings/access-requests": Door(W),
    "GET REPO/settings/publishers": Door(W),
}
_FORMS = (
    "edit/{rev}/{path} new/{rev} new/{rev}/{path} rename/{rev}/{path} delete/{rev}/{path} refs settings settings/storage "
    "settings/access-requests settings/publishers discussions discussions/new discussions/{num} preview like watch collect duplicate gate"
)
DOORS |= {f"POST REPO/{path}": Door(F, b"x=1", FORM) for path in _FORMS.split()}
