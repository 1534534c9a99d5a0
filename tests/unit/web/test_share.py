"""What pages say to other sites and to programs, in their heads."""

import json

import pytest
from tests.clients.harness.pages import Element, parse
from tests.unit.web.hostile import CORPUS

from hubkeep.repos import Kind
from hubkeep.web.share import MAX_WORDS, first_words

CARD = b"---\nlicense: mit\ntags: [harbour]\n---\n# Waves\n\nHeights of *waves* in the harbour &amp; beyond, hour by hour.\n"


def head_of(html: str) -> Element:
    return parse(html).one("head")


def said(html: str) -> dict[str, str]:
    """Return what the meta elements of a page say, by name or property; each may be there once."""
    found = [
        (one.attributes.get("property") or one.attributes.get("name") or "", one)
        for one in head_of(html).all("meta")
    ]
    named = {name: one.attributes["content"] for name, one in found if name}
    assert len(named) == len([name for name, _ in found if name]), "each is there once"
    return named


def others(html: str) -> dict[str, str]:
    return {
        one.attributes["title"]: one.attributes["href"] for one in head_of(html).all("link", rel="alternate")
    }


def test_a_repository_tells_its_name_its_first_words_and_its_picture(site):
    site.repo("ada/waves", Kind.DATASET, files={"README.md": CARD})
    url, html = site.stores.settings.url, site.browser().page("/datasets/ada/waves")
    told = said(html)
    assert told["og:title"] == "ada/waves"
    assert (
        told["description"]
        == told["og:description"]
        == "Heights of waves in the harbour & beyond, hour by hour."
    )
    assert told["og:url"] == f"{url}/datasets/ada/waves"
    assert told["og:image"] == f"{url}/-/posters/datasets/ada/waves.png"
    assert told["twitter:card"] == "summary_large_image"
    assert site.browser().get(told["og:image"].removeprefix(url)).headers["content-type"] == "image/png"
    assert head_of(html).one("link", rel="canonical").attributes["href"] == f"{url}/datasets/ada/waves"


def test_a_dataset_is_described_by_schema_org(site):
    site.repo("ada/waves", Kind.DATASET, files={"README.md": CARD})
    site.repo("ada/bert", files={"README.md": CARD})
    url = site.stores.settings.url
    (script,) = head_of(site.browser().page("/datasets/ada/waves")).all("script", type="application/ld+json")
    data = json.loads(script.text)
    assert (data["@context"], data["@type"], data["name"]) == ("https://schema.org", "Dataset", "ada/waves")
    assert data["description"] == "Heights of waves in the harbour & beyond, hour by hour."
    assert (data["license"], data["url"]) == ("mit", f"{url}/datasets/ada/waves")
    assert "harbour" in data["keywords"]
    assert not head_of(site.browser().page("/ada/bert")).all("script", type="application/ld+json")


@pytest.mark.parametrize(
    "text", ["</script><script>alert(1)</script>", "<!--<script>", "]]>", "\u2028 'quote' \\\""]
)
def test_nothing_in_a_card_ends_the_description_early(site, text):
    card = f"---\ntags: [{json.dumps(text)}]\nlicense: {json.dumps(text)}\n---\n# x\n\nA long enough paragraph with {text} in it, and more.\n"
    site.repo("ada/waves", Kind.DATASET, files={"README.md": card.encode()})
    head = head_of(site.browser().page("/datasets/ada/waves"))
    (script,) = head.all("script", type="application/ld+json")
    assert json.loads(script.text)["name"] == "ada/waves"
    assert all("src" in one.attributes for one in head.all("script", type="module"))
    assert len(head.all("script")) == 1 + len(head.all("script", type="module"))


@pytest.mark.parametrize("card", CORPUS[3::9])
def test_hostile_cards_say_nothing_that_acts_in_a_head(site, card):
    site.repo(
        "ada/bert", files={"README.md": card.encode() + b"\n\nAnd a paragraph of thirty letters or more.\n"}
    )
    html = site.browser().page("/ada/bert")
    assert all(name.islower() for name in said(html))
    for script in head_of(html).all("script"):
        assert script.attributes["src"].startswith("/-/static/")


def test_every_form_of_a_page_is_told_and_there(site):
    site.repo("ada/bert", files={"README.md": CARD})
    url = site.stores.settings.url
    for path in (
        "/",
        "/models?filter=harbour&sort=likes",
        "/ada",
        "/ada/bert",
        "/ada/bert/commits/main",
        "/ada/bert/tree/main",
    ):
        found = others(site.browser().page(path))
        assert found, path
        for address in found.values():
            assert site.browser().get(address.removeprefix(url)).status_code == 200, address


def test_private_repositories_refusals_and_fixed_revisions_say_nothing(site):
    repo = site.repo("ada/shut", files={"README.md": CARD}, private=True)
    oid = site.commit(site.repo("ada/open"), {"a.txt": b"1"})
    for name in (
        "ada/shut",
        "ada/shut/tree/main",
        "ada/shut/blob/main/README.md",
        f"ada/open/blob/{oid}/a.txt",
    ):
        html = site.browser("ada").page(f"/{name}")
        assert "og:title" not in said(html), name
        assert not others(html), name
    assert "og:title" not in said(site.browser().page("/no/body", 401))
    assert repo.private


def test_the_one_address_of_a_list_leaves_out_where_its_reader_is(site):
    for number in range(31):
        site.repo(f"ada/m{number:02}")
    url = site.stores.settings.url
    first = site.browser().page("/models?sort=created&search=m")
    onward = parse(first).one("a", rel="next").attributes["href"]
    assert "after=" in onward
    for html in (first, site.browser().page(onward)):
        one = head_of(html).one("link", rel="canonical").attributes["href"]
        assert one == f"{url}/models?search=m&sort=created"


def test_first_words_are_a_sentence_of_bounded_length():
    assert first_words("<p>Short.</p><p>A <b>longer</b> one that is long enough to be told.</p>") == (
        "A longer one that is long enough to be told."
    )
    assert first_words("<p></p><h1>No paragraph at all, whatever it may say</h1>") == ""
    long = first_words(f"<p>{'word ' * 500}</p>")
    assert len(long) <= MAX_WORDS
    assert long.endswith("word…")
