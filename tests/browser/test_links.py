"""No link leads nowhere."""

import http.client
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from tests.browser.furnish import PASSWORD

MOST = 5000  # pages; the furnished hub has fewer
# Links that authors wrote themselves, and a folder of many files.
LEFT_OUT = ("/ada/hostile", "/tidewater/harbour-base", "/datasets/ada/many/")
# Whoever has not been let in sees the names of files, not what is in them.
GATED = ("/datasets/hopper/", "/ada/sealed-orders/")


class Links(HTMLParser):
    """Collects addresses that a page links to or loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.ids: set[str] = set()
        self.token = ""

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if (
            tag != "use" and given.get("rel") != "nofollow"
        ):  # nofollow: the same path elsewhere, which may not be there
            self.found |= {given[name] or "" for name in ("href", "src") if name in given}
        self.ids |= {given[name] or "" for name in ("id", "name") if name in given}
        if given.get("name") == "form_token":
            self.token = given["value"] or ""


class Walker:
    """Reads pages of one hub over one connection, with a session if asked."""

    def __init__(self, port: int) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str, str]:
        headers = {"Accept": "text/html", "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._line.request(method, path, body, headers)
        answer = self._line.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        kind = answer.getheader("content-type", "")
        text = answer.read().decode("utf-8", "replace")
        return answer.status, answer.getheader("location", ""), text if kind.startswith("text/html") else ""

    def sign_in(self) -> None:
        page = Links()
        page.feed(self.ask("GET", "/login")[2])
        status, _, _ = self.ask(
            "POST", "/login", f"form_token={page.token}&login=ada&password={PASSWORD.replace(' ', '+')}"
        )
        assert status == 303


@pytest.mark.parametrize("signed_in", [False, True])
def test_every_link_of_every_page_leads_somewhere(hub, signed_in):
    walker = Walker(hub.port)
    if signed_in:
        walker.sign_in()
    waiting, seen, dead = ["/"], {"/"}, []
    anchors: dict[str, set[str]] = {}
    wanted: list[tuple[str, str, str]] = []
    while waiting and len(seen) < MOST:
        path = waiting.pop(0)
        status, location, html = walker.ask("GET", path)
        if status in (401, 403) and path.startswith(GATED):
            continue
        if status >= 400:
            dead.append((path, status))
            continue
        page = Links()
        page.feed(html)
        anchors[path] = page.ids
        for link in page.found | ({location} if location else set()):
            target, anchor = urldefrag(urljoin(f"http://hub{path}", link))
            if urlsplit(target).netloc != "hub":
                continue
            target = target.removeprefix("http://hub") or "/"
            if target.startswith("/login?"):  # leads back to each page
                target = "/login"
            if anchor and not link.startswith("/-/"):
                wanted.append((path, target, anchor))
            if target.count("filter=") + target.count("filter%3D") > 1:  # every pair of tags is a page
                continue
            if target not in seen and not target.startswith(LEFT_OUT):
                seen.add(target)
                waiting.append(target)
    assert dead == [], "\n".join(map(str, dead))
    assert not waiting, "the hub has more pages than this walks: raise MOST"
    missing = [
        (path, anchor)
        for path, target, anchor in wanted
        if target in anchors and anchors[target] and anchor not in anchors[target]
    ]
    assert missing == []
