"""A front that answers for a hubkeep as huggingface.co does, with everything that may go wrong on the way.

Two origins on loopback: the hub's own, and that of a delivery network to which large files are sent. The second must never see
a token; both note what they were asked.
"""

import json
import re
import threading
import urllib.error
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import quote, unquote

HOP = {"connection", "transfer-encoding", "content-length", "host", "date", "server"}


@dataclass
class Asked:
    """A request that an origin saw."""

    method: str
    path: str
    headers: dict[str, str]


@dataclass
class Faults:
    """What goes wrong. Counts go down as faults happen."""

    busy: int = 0  # API answers that are 429, telling the wait by `RateLimit` only
    cut_json: int = 0  # API answers that break off
    cut_files: list[int] = field(default_factory=list)  # after how many bytes downloads break off
    cut_packs: int = 0  # fetches of git that break off
    expired: int = 0  # downloads that are refused, for their address is too old
    git_elsewhere: bool = False  # git is led to the delivery network
    whole: bool = False  # the delivery network does not know ranges
    renamed: dict[str, str] = field(default_factory=dict)  # old name to new, both `owner/name`
    gated: set[str] = field(default_factory=set)  # names whose bytes are refused with GatedRepo
    left_out: set[str] = field(default_factory=set)  # fields that are missing in what is told of a repository
    page: int = 0  # most entries of a list's page; 0: as the hub likes


class Front:
    """`url` is the address of the hub that it plays, `network` that of the delivery network."""

    def __init__(self, hub: str) -> None:
        self.hub, self.faults = hub, Faults()
        self.asked: list[Asked] = []
        self.asked_network: list[Asked] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.url = self._serve(_Hub)
        self.network = self._serve(_Network)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _serve(self, kind: type["_Origin"]) -> str:
        handler = type(kind.__name__, (kind,), {"front": self})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        self._stack.callback(server.server_close)
        self._stack.callback(thread.join)
        self._stack.callback(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}"


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class _Origin(BaseHTTPRequestHandler):
    front: Front
    protocol_version = "HTTP/1.1"
    opener = urllib.request.build_opener(_NoRedirects)

    def do_GET(self) -> None:
        self.answer(b"")

    def do_POST(self) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            self.answer(b"".join(self._chunks()))
        else:
            self.answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def answer(self, body: bytes) -> None:
        raise NotImplementedError

    def log_message(self, *_: Any) -> None:
        pass

    def pass_on(self, url: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        request = urllib.request.Request(url, body or None, headers, method=self.command)
        try:
            with self.opener.open(request, timeout=60) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read()

    def send(self, status: int, headers: dict[str, str], body: bytes, cut: int | None = None) -> None:
        """Answer; with `cut`, break off after so many bytes."""
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:cut])
        if cut is not None:
            self.close_connection = True

    def _chunks(self) -> Any:
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()


class _Hub(_Origin):
    """The hub: its API, git, and the batches of git-lfs."""

    def answer(self, body: bytes) -> None:
        front, faults = self.front, self.front.faults
        front.asked.append(Asked(self.command, self.path, dict(self.headers)))
        moved = next((old for old in faults.renamed if self._names(old)), None)
        if moved is not None:
            to = self.path.replace(moved, faults.renamed[moved])
            self.send(307, {"Location": to, "Content-Type": "text/plain"}, b"Temporary Redirect. Redirecting")
            return
        if self.path.startswith("/api/"):
            self._api(body)
        elif any(self._names(name) for name in faults.gated):
            told = {"X-Error-Code": "GatedRepo", "X-Error-Message": "Access to this model is restricted."}
            self.send(403, told, b"Access to this model is restricted.")
        elif self.path.endswith("/info/lfs/objects/batch"):
            self._batch(body)
        else:
            self._git(body)

    def _names(self, name: str) -> bool:
        return re.search(rf"/{re.escape(name)}(?:[/.?]|$)", self.path) is not None

    def _api(self, body: bytes) -> None:
        faults = self.front.faults
        if faults.busy:
            faults.busy -= 1
            told = {"RateLimit": '"api";r=0;t=7', "RateLimit-Policy": '"fixed window";"api";q=500;w=300'}
            self.send(429, told, b"We had to rate limit your IP.")
            return
        path = re.sub(r"limit=\d+", f"limit={faults.page}", self.path) if faults.page else self.path
        status, headers, data = self.pass_on(self.front.hub + path, body)
        headers = {name: value.replace(self.front.hub, self.front.url) for name, value in headers.items()}
        if status == 200 and faults.left_out:
            data = json.dumps(_without(json.loads(data), faults.left_out)).encode()
        cut = len(data) // 2 if faults.cut_json else None
        faults.cut_json = max(0, faults.cut_json - 1)
        self.send(status, headers, data, cut)

    def _batch(self, body: bytes) -> None:
        """Send downloads to the delivery network, by addresses that need no token."""
        status, headers, data = self.pass_on(self.front.hub + self.path, body)
        if status == 200:
            told = json.loads(data)
            for one in told["objects"]:
                if action := one.get("actions", {}).get("download"):
                    token = quote(json.dumps(action.get("header", {})), safe="")
                    action["href"] = (
                        f"{self.front.network}/{quote(action['href'], safe='')}?X-Amz-Signature={token}"
                    )
                    action["header"] = {}
            data = json.dumps(told).encode()
        self.send(status, headers, data)

    def _git(self, body: bytes) -> None:
        faults = self.front.faults
        if faults.git_elsewhere:
            self.send(301, {"Location": self.front.network + self.path}, b"")
            return
        status, headers, data = self.pass_on(self.front.hub + self.path, body)
        broken = faults.cut_packs and self.path.endswith("git-upload-pack") and len(data) > 2000
        faults.cut_packs -= bool(broken)
        self.send(status, headers, data, len(data) // 2 if broken else None)


class _Network(_Origin):
    """The delivery network: it knows addresses that were signed, and nobody's token."""

    def answer(self, body: bytes) -> None:
        front, faults = self.front, self.front.faults
        front.asked_network.append(Asked(self.command, self.path, dict(self.headers)))
        if self.path.startswith("/here/"):  # it leads on once more, as delivery networks do
            self.send(302, {"Location": self.path.replace("/here/", "/")}, b"")
            return
        if faults.expired:
            faults.expired -= 1
            self.send(403, {"Content-Type": "application/xml"}, b"<Error><Code>AccessDenied</Code></Error>")
            return
        path, _, query = self.path.partition("?X-Amz-Signature=")
        for name, value in json.loads(unquote(query)).items():
            self.headers[name] = value
        if faults.whole:
            del self.headers["Range"]
        status, headers, data = self.pass_on(unquote(path[1:]), body)
        self.send(status, headers, data, faults.cut_files.pop(0) if faults.cut_files else None)


def _without(told: Any, names: set[str]) -> Any:
    if isinstance(told, list):
        return [_without(one, names) for one in told]
    return {name: value for name, value in told.items() if name not in names}
