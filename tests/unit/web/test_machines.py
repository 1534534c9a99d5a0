"""What robots, readers and other programs are told; nothing private is in any of it."""

import struct
import xml.etree.ElementTree as ET
import zlib

import httpx
import pytest
from tests.unit.web.hostile import CORPUS

from hubkeep import accounts, repos
from hubkeep.accounts import TokenRole
from hubkeep.kit import BadInput
from hubkeep.repos import Kind
from hubkeep.web.machines import sitemap
from hubkeep.web.machines.poster import HEIGHT, WIDTH, Poster, draw

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ATOM = "{http://www.w3.org/2005/Atom}"
CARD = b"---\nlicense: mit\npipeline_tag: fill-mask\ntags: [harbour]\n---\n# Bert\n\nReads the tides of `the` harbour, slowly and well.\n"


def places(text: str) -> list[str]:
    return [found.text or "" for found in ET.fromstring(text).iter(f"{SITEMAP}loc")]


def entries(text: str) -> list[dict[str, str]]:
    """Read a feed as a reader would, and hold it to what Atom demands."""
    feed = ET.fromstring(text)
    assert feed.tag == f"{ATOM}feed"
    for needed in ("id", "title", "updated"):
        assert feed.findtext(f"{ATOM}{needed}"), needed
    found = []
    for entry in feed.iter(f"{ATOM}entry"):
        (link,) = entry.findall(f"{ATOM}link")
        one = {name: entry.findtext(f"{ATOM}{name}") or "" for name in ("id", "title", "updated")}
        one |= {"author": entry.findtext(f"{ATOM}author/{ATOM}name") or "", "link": link.attrib["href"]}
        assert all(one.values()), one
        found.append(one | {"text": entry.findtext(f"{ATOM}content") or ""})
    assert len({one["id"] for one in found}) == len(found)
    return found


def bearer(site, role: TokenRole = TokenRole.READ) -> dict[str, str]:
    with site.stores.db.write() as tx:
        return {"Authorization": f"Bearer {accounts.add_token(tx, site.ada.user_id, 'reader', role)[1]}"}


def test_robots_are_told_what_is_endless_and_where_the_map_is(site):
    text = site.browser().page("/robots.txt")
    assert "Disallow: /*/resolve/" in text
    assert f"Sitemap: {site.stores.settings.url}/sitemap.xml" in text


def test_the_map_has_every_public_repository_and_owner_and_nothing_private(site):
    site.repo("ada/open")
    site.repo("ada/shut", private=True)
    site.repo("tidewater/waves", Kind.DATASET)
    url = site.stores.settings.url
    browser = site.browser("ada")  # whoever asks
    parts = places(browser.page("/sitemap.xml"))
    assert parts == [f"{url}/sitemap.xml?part={part}" for part in ("pages", "repos-0", "owners-0")]
    found = [place for part in parts for place in places(browser.page(part.removeprefix(url)))]
    assert {f"{url}/", f"{url}/models", f"{url}/ada/open", f"{url}/datasets/tidewater/waves"} <= set(found)
    assert {f"{url}/ada", f"{url}/eve", f"{url}/tidewater"} <= set(found)
    assert not [place for place in found if "shut" in place]


def test_parts_of_the_map_are_ranges_of_numbers_so_that_they_never_shift(site, monkeypatch):
    monkeypatch.setattr(sitemap, "PART", 2)
    made = [site.repo(f"ada/m{number}") for number in range(5)]
    before = site.browser().page("/sitemap.xml?part=repos-1")
    assert [one.id for one in made if 2 <= one.id < 4]
    assert len(places(before)) == len([one for one in made if 2 <= one.id < 4])
    with site.stores.db.write() as tx:
        repos.delete(tx, site.ada, Kind.MODEL, made[-1].full_name)
    assert site.browser().page("/sitemap.xml?part=repos-1") == before


@pytest.mark.parametrize("part", ["repos", "repos--1", "repos-1e9", "owners-99999999999999", "../etc"])
def test_a_part_of_the_map_that_cannot_be_is_refused(site, part):
    answer = site.browser().get(f"/sitemap.xml?part={part}")
    assert (answer.status_code, "part" in answer.text) == (BadInput.status, True)


def test_llms_txt_tells_how_to_use_the_hub_and_lists_public_repositories(site):
    site.repo("ada/open", files={"README.md": CARD})
    site.repo("ada/shut", private=True)
    text = site.browser("ada").page("/llms.txt")
    url = site.stores.settings.url
    assert text.startswith("# hubkeep\n\n> ")
    assert f"HF_ENDPOINT={url}" in text
    assert f"- [ada/open](<{url}/ada/open.md>): fill-mask · mit" in text
    assert "shut" not in text


def test_the_twin_of_a_page_has_facts_files_commands_and_the_card(site):
    site.repo("ada/bert", files={"README.md": CARD, "a folder/we`ird [x].txt": b"12345"})
    answer = site.browser().get("/ada/bert.md")
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    url, text = site.stores.settings.url, answer.text
    assert text.startswith("# ada/bert\n")
    assert f"- Page: <{url}/ada/bert>" in text
    assert "- Task: `fill-mask`" in text
    assert f"(<{url}/ada/bert/resolve/main/a%20folder/we%60ird%20%5Bx%5D.txt>) 5 B" in text
    assert "snapshot_download" in text
    assert text.rstrip().endswith("Reads the tides of `the` harbour, slowly and well.")
    assert "license: mit" not in text, "the front matter is told as facts"


def test_a_twin_is_kept_by_who_has_it_and_is_new_after_a_push(site):
    repo = site.repo("ada/bert", files={"README.md": CARD})
    browser = site.browser()
    etag = browser.get("/ada/bert.md").headers["etag"]
    assert browser.get("/ada/bert.md", headers={"If-None-Match": etag}).status_code == 304
    site.commit(repo, {"README.md": CARD + b"\nMore.\n"})
    assert browser.get("/ada/bert.md", headers={"If-None-Match": etag}).status_code == 200


def test_long_documents_travel_packed_to_who_unpacks_them(site):
    site.repo("ada/bert", files={"README.md": CARD + b"word " * 2000})
    sizes = {}
    for accepted in ("gzip", "identity", "br, gzip;q=0"):
        answer = site.browser().get("/ada/bert.md", headers={"Accept-Encoding": accepted})
        assert "Accept-Encoding" in answer.headers["vary"]
        sizes[accepted] = answer.headers.get("content-encoding"), answer.text
    assert [encoding for encoding, _ in sizes.values()] == ["gzip", None, None]
    assert len({text for _, text in sizes.values()}) == 1


def test_a_private_twin_and_feed_look_missing_but_to_who_may_see_them(site):
    site.repo("ada/shut", files={"README.md": CARD}, private=True)
    token = bearer(site)
    for path in ("/ada/shut.md", "/feeds/ada/shut/commits.atom", "/feeds/ada/shut/discussions.atom"):
        assert site.browser().get(path, headers={"Accept": "*/*"}).status_code == 401
        assert site.browser("eve").get(path).status_code == 404
        for answer in (site.browser("ada").get(path), site.browser().get(path, headers=token)):
            assert answer.status_code == 200
            assert answer.headers["cache-control"] == "private, no-cache"
            assert "Authorization" in answer.headers["vary"]


def test_a_token_that_cannot_be_read_is_refused_and_not_taken_for_nobody(site):
    site.repo("ada/open", files={"README.md": CARD})
    for header in ("Bearer hf_wrong", "Bearer", "Basic eDp5", "nonsense"):
        answer = site.browser().get("/ada/open.md", headers={"Authorization": header, "Accept": "*/*"})
        assert answer.status_code == 401, header


def test_where_a_repository_is_called_something_md_its_page_wins(site):
    site.repo("ada/notes", files={"README.md": CARD})
    site.repo("ada/notes.md", files={"README.md": b"# The other one\n"})
    assert "The other one" in site.browser().page("/ada/notes.md")
    assert site.browser().get("/ada/notes.md").headers["content-type"].startswith("text/html")
    assert site.browser().page("/ada/notes.md.md").startswith("# ada/notes.md\n")


def test_the_twin_of_a_moved_repository_is_where_it_went(site):
    site.repo("ada/old", Kind.DATASET, files={"README.md": CARD})
    with site.stores.db.write() as tx:
        repos.move(tx, site.ada, Kind.DATASET, "ada/old", "ada/new")
    answer = site.browser().get("/datasets/ada/old.md")
    assert (answer.status_code, answer.headers["location"]) == (307, "/datasets/ada/new.md")


def test_feeds_tell_what_happened_the_latest_first(site):
    repo = site.repo("ada/bert", files={"README.md": CARD})
    oid = site.commit(repo, {"a.txt": b"1"}, "Add <a> & 'b'", "because\n\x07bell")
    found = entries(site.browser().page("/feeds/ada/bert/commits.atom"))
    assert found[0]["title"] == "Add <a> & 'b'"
    assert found[0]["link"] == f"{site.stores.settings.url}/ada/bert/commit/{oid}"
    assert found[0]["text"].startswith("because")
    site.work()
    (latest, *_) = entries(site.browser().page("/feeds/ada/activity.atom"))
    assert latest["title"] == "ada pushed to ada/bert"


def test_the_feed_of_a_list_is_narrowed_as_the_list_and_shows_nothing_private(site):
    site.repo("ada/tagged", files={"README.md": CARD})
    site.repo("ada/plain")
    site.repo("ada/shut", files={"README.md": CARD}, private=True)
    assert [one["title"] for one in entries(site.browser().page("/feeds/models.atom"))] == [
        "ada/plain",
        "ada/tagged",
    ]
    narrowed = entries(site.browser().page("/feeds/models.atom?filter=harbour&search=tag"))
    assert [one["title"] for one in narrowed] == ["ada/tagged"]
    assert site.browser().get("/feeds/models.atom?sort=nonsense").status_code == 400


def test_a_feed_without_entries_is_still_a_feed(site):
    site.repo("ada/bert")
    for path in ("/feeds/spaces.atom", "/feeds/eve/activity.atom", "/feeds/ada/bert/discussions.atom"):
        assert entries(site.browser().page(path)) == []


@pytest.mark.parametrize("card", CORPUS[::8])
def test_hostile_cards_are_well_formed_in_every_form(site, card):
    site.repo("ada/bert", files={"README.md": card.encode()})
    site.browser().page("/ada/bert.md")
    entries(site.browser().page("/feeds/ada/bert/commits.atom"))
    html = site.browser().page("/ada/bert")
    assert '<script type="application/ld+json">' not in html, "models are not datasets"


def test_avatars_are_drawn_from_names_and_may_be_kept(site):
    answer = site.browser().get("/avatars/ada.svg")
    svg = ET.fromstring(answer.text)
    assert svg.tag.endswith("svg")
    assert "".join(svg.itertext()).endswith("A")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert site.browser().get("/avatars/ada.svg").text == answer.text


@pytest.mark.parametrize("name", ["%3Cscript%3E", "a%20b", "%F0%9F%9A%80", "x" * 97])
def test_what_cannot_be_a_name_has_no_avatar(site, name):
    assert site.browser().get(f"/avatars/{name}.svg").status_code == 404


def pixels(answer: httpx.Response) -> bytes:
    """Unpack a PNG of ours, checking every sum in it."""
    data, at, found = answer.content, 8, b""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        name, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length]) == (zlib.crc32(name + body),)
        found += body if name == b"IDAT" else b""
        at += 12 + length
    return zlib.decompress(found)


def test_links_have_pictures_of_the_hub_of_people_and_of_public_repositories(site):
    site.repo("ada/bert", files={"README.md": CARD})
    site.repo("ada/shut", private=True)
    for path in ("/-/posters.png", "/-/posters/ada.png", "/-/posters/ada/bert.png"):
        answer = site.browser().get(path)
        assert answer.headers["content-type"] == "image/png"
        assert len(pixels(answer)) == HEIGHT * (WIDTH + 1)
        assert len(answer.content) < 60_000
    for name in ("", "ada"):
        hidden = site.browser(name).get("/-/posters/ada/shut.png", headers={"Accept": "image/*"})
        assert hidden.status_code == 401, "what everybody may keep is the same for everybody"


@pytest.mark.parametrize("name", ["x" * 96, "a-" * 48, "Ü" * 50, "", "漢字 — “dash”"])
def test_a_picture_holds_names_of_any_length_and_any_letters(name):
    assert draw(Poster("model", "Model", name, name or "x", name * 3, name, name)).startswith(b"\x89PNG")


def test_names_that_would_hide_a_way_in_cannot_be_taken():
    for name in ("avatars", "feeds", "llms.txt", "robots.txt", "sitemap.xml", ".well-known", "-"):
        with pytest.raises(BadInput):
            accounts.check_owner_name(name)
