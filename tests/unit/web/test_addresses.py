import pytest

from hubkeep import repos
from hubkeep.repos import Kind
from hubkeep.web.local_path import local_path


def test_a_renamed_repository_is_found_under_its_old_address_on_every_page(site):
    site.repo("ada/old", files={"a.txt": b"a"})
    with site.stores.db.write() as tx:
        repos.move(tx, site.ada, Kind.MODEL, "ada/old", "tidewater/new")
    browser = site.browser()
    for page in ("", "/tree/main", "/blob/main/a.txt", "/commits/main?p=0"):
        answer = browser.get(f"/ada/old{page}")
        assert (answer.status_code, answer.headers["location"]) == (307, f"/tidewater/new{page}")


def test_capitals_and_the_models_prefix_lead_to_the_one_address(site):
    site.repo("ada/Bert")
    browser = site.browser()
    for path in ("/ADA/bert", "/models/ada/Bert", "/models/ada/bert", "/ada/B%65rt"):
        answer = browser.get(f"{path}/tree/main?x=1")
        assert (answer.status_code, answer.headers["location"]) == (307, "/ada/Bert/tree/main?x=1")
    assert browser.get("/ADA").headers["location"] == "/ada"


def test_private_looks_missing_and_offers_to_sign_in(site):
    site.repo("ada/shut", private=True)
    stranger = site.browser()
    shut, missing = stranger.get("/ada/shut"), stranger.get("/ada/none")
    assert (shut.status_code, missing.status_code) == (401, 401)
    assert shut.text.replace("shut", "none") == missing.text
    assert 'href="/login?next=/ada/shut"' in shut.text
    eve = site.browser("eve")
    assert eve.get("/ada/shut").status_code == eve.get("/ada/none").status_code == 404
    assert site.browser("ada").get("/ada/shut").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/nobody",
        "/ada/bert/tree/nope",
        "/ada/bert/blob/main/none.txt",
        "/ada/bert/tree/main/none",
        "/ada/bert/commit/abcdef1",
        "/a/b/c/d/e/f",
        "/new/x/y/z",
    ],
)
def test_what_is_not_there_is_an_html_page_with_the_right_status(site, path):
    site.repo("ada/bert")
    answer = site.browser("ada").get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "To the front page" in answer.text


def test_programs_get_json_where_browsers_get_pages(site):
    answer = site.browser().get("/nothing/at/all/here", headers={"Accept": "*/*"})
    assert answer.json()["error"]
    assert answer.headers["x-error-message"]


@pytest.mark.parametrize(
    "path", ["/datasets", "/models", "/login", "/new", "/settings/tokens", "/search", "/join"]
)
def test_no_owner_takes_an_address_of_the_hub(site, path):
    assert "Nothing here" not in site.browser().get(path).text


@pytest.mark.parametrize(
    "text",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/a\\b",
        "/\n/evil.example",
        "/\t/evil",
        "",
        "a",
        "/" + "a" * 3000,
        "/ evil",
    ],
)
def test_only_paths_of_this_hub_are_gone_back_to(text):
    assert local_path(text) == "/"


@pytest.mark.parametrize("text", ["/", "/ada/bert", "/ada/bert/tree/a%2Fb?x=1&y=2#L3", "/settings/tokens"])
def test_paths_of_this_hub_are_gone_back_to(text):
    assert local_path(text) == text


def test_pages_carry_the_headers_that_keep_them_safe(site):
    answer = site.browser().get("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert " style=" not in answer.text
    assert " onclick" not in answer.text


def test_assets_are_kept_forever_under_an_address_that_changes_with_them(site):
    browser = site.browser()
    html = browser.page("/")
    css = html.partition('rel="stylesheet" href="')[2].partition('"')[0]
    answer = browser.get(css)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/css")
    assert browser.get("/-/static/0123456789ab/hubkeep.css").headers["cache-control"] == "no-cache"
    for path in ("nope.css", "..%2F..%2Fcard.py", "../card.py", "css/00-tokens.css", ""):
        assert browser.get(f"/-/static/x/{path}").status_code in (404, 307)


def test_a_page_and_all_it_loads_are_small(site):
    site.repo("ada/bert", files={"README.md": b"# Hello\n\n" + b"Some words about tides. " * 200})
    browser = site.browser()
    html = browser.page("/ada/bert")
    loaded = {part.partition('"')[0].partition("#")[0] for part in html.split('"/-/static/')[1:]}
    sent = [browser.get(f"/-/static/{path}", headers={"Accept-Encoding": "gzip"}) for path in loaded]
    total = len(html) + sum(int(answer.headers["content-length"]) for answer in sent)
    assert len(sent) > 5
    assert total < 80_000


def test_assets_are_compressed_for_those_who_can_read_it(site):
    browser = site.browser()
    packed = browser.get("/-/static/x/hubkeep.css", headers={"Accept-Encoding": "gzip"})
    plain = browser.get("/-/static/x/hubkeep.css", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert "Accept-Encoding" in plain.headers["vary"]


def test_a_slash_too_many_leads_to_the_page_and_never_away(site):
    site.repo("ada/bert")
    browser = site.browser()
    assert browser.get("/ada/bert/?x=1").headers["location"] == "/ada/bert?x=1"
    assert browser.get("/models/").headers["location"] == "/models"
    for path in ("//evil.example/", "/%5C%5Cevil.example/", "///evil.example//"):
        location = browser.get(site.stores.settings.url + path).headers.get("location", "/")
        assert not location.startswith(("//", "/\\", "http"))


def test_robots_and_icons_are_answered(site):
    assert "Disallow: /*/resolve/" in site.browser().get("/robots.txt").text
    assert site.browser().get("/favicon.ico").headers["location"].endswith("/icon.svg")
