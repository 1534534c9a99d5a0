"""Collections in the browser."""

import re

import pytest

from hubkeep.community import collections
from hubkeep.community.collections import ItemKind, NewCollection, NewItem


def first_in(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found is not None, text
    return str(found[1])


def made(site, actor=None, title="Water", items=(), **over):
    actor = actor or site.ada
    with site.stores.db.write() as tx:
        new = NewCollection(over.pop("namespace", actor.name), title, **over)
        shown = collections.create(tx, actor, new)
        for name in items:
            shown = collections.add_item(tx, actor, shown.collection.id, NewItem(ItemKind.MODEL, name))
    return shown


def address(site, browser, owner="ada"):
    return first_in(r'class="collection-title"><a href="([^"]+)"', browser.page(f"/{owner}/collections"))


def items(html):
    return re.findall(r'data-item="(\d+)"', html)


def test_without_collections_their_page_teaches(site):
    assert "No collections yet" in site.browser().page("/collections")
    assert "Create one" in site.browser("ada").page("/ada/collections")


def test_a_collection_from_beginning_to_end(site):
    for name in ("ada/one", "ada/two", "ada/three"):
        site.repo(name)
    ada = site.browser("ada")
    fields = {
        "owner": "ada",
        "title": "Water & more",
        "description": "Tides",
        "private": "0",
        "theme": "blue",
    }
    answer = ada.send("/collections/new", fields | {"item": "model/ada/one"})
    here = answer.headers["location"]
    assert re.fullmatch(r"/collections/ada/water-more-[0-9a-f]{24}", here)
    for name in ("two", "three"):
        assert ada.send(here, {"do": "add", "item": f"model/ada/{name}"}).status_code == 303
    one, two, three = items(ada.page(here))
    ada.send(here, {"do": "move", "item": three, "position": "0"})
    assert items(ada.page(here)) == [three, one, two]
    ada.send(here, {"do": "note", "item": one, "note": "Start <b>here</b>."})
    assert "Start &lt;b&gt;here&lt;/b&gt;." in ada.page(here)
    ada.send(here, {"do": "remove", "item": two})
    assert items(ada.page(here)) == [three, one]
    site.browser("eve").send(here, {"do": "upvote", "on": "1"})
    assert ">1<" in ada.page(here).split("Vote")[1]
    changed = {"do": "change", "title": "Sea", "description": "", "private": "1", "theme": "pink"}
    new = ada.send(here, changed).headers["location"]
    assert new.startswith("/collections/ada/sea-")
    assert ada.get(here).headers["location"] == new
    assert site.browser("eve").get(new).status_code == 404
    assert site.browser().get(new).status_code in (401, 404)
    assert ada.send(new, {"do": "delete"}).headers["location"] == "/ada/collections"
    assert ada.get(new).status_code == 404


def test_pictures_stand_beside_what_they_show(site):
    site.repo("ada/one")
    shown = made(site, items=["ada/one"])
    ada = site.browser("ada")
    here = address(site, ada)
    item = str(shown.items[0].id)
    pictures = "https://example.org/a.png\r\n https://example.org/b.png?x=1&y=2 \r\n"
    assert ada.send(here, {"do": "note", "item": item, "note": "Look", "images": pictures}).status_code == 303
    page = site.browser().page(here)
    assert page.count('<img class="collection-image"') == 2
    assert 'src="https://example.org/b.png?x=1&amp;y=2"' in page
    assert "Look" in page
    for wrong in ("javascript:alert(1)", "http://[", "/a.png", "https://" + "a" * 600, "https://a.b/c\n" * 9):
        answer = ada.send(here, {"do": "note", "item": item, "note": "", "images": wrong})
        assert answer.status_code == 400, wrong
    assert site.browser().page(here).count('<img class="collection-image"') == 2
    ada.send(here, {"do": "note", "item": item, "note": "Look", "images": ""})
    assert "collection-image" not in site.browser().page(here)


def test_a_repository_is_collected_from_its_own_page(site):
    site.repo("ada/bert")
    shown = made(site)
    ada = site.browser("ada")
    number = str(shown.collection.id)
    assert "Add to" in ada.page("/ada/bert/collect")
    ada.send("/ada/bert/collect", {"do": "add", "collection": number})
    assert "Take out of" in ada.page("/ada/bert/collect")
    assert "bert" in ada.page(address(site, ada))
    ada.send("/ada/bert/collect", {"do": "remove", "collection": number})
    assert "Nothing in it yet" in ada.page(address(site, ada))
    assert site.browser().get("/ada/bert/collect").status_code == 302


def test_who_may_not_change_it_sees_no_buttons_and_is_refused(site):
    site.repo("ada/bert")
    made(site, items=["ada/bert"])
    eve = site.browser("eve")
    here = address(site, eve)
    html = eve.page(here)
    assert "Take out" not in html
    assert "Add something" not in html
    for fields in (
        {"do": "add", "item": "model/ada/bert"},
        {"do": "change", "title": "Mine", "description": "", "private": "0", "theme": "blue"},
        {"do": "delete"},
    ):
        assert eve.send(here, fields).status_code == 403
    fields = {"owner": "ada", "title": "Hers", "private": "0", "theme": "blue"}
    assert eve.send("/collections/new", fields).status_code == 403


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"do": "add", "item": "bert"}, "must look like"),
        ({"do": "add", "item": "model/ada/none"}, "no ada/none"),
        ({"do": "add", "item": "paper/none"}, "no none"),
        ({"do": "note", "item": "x", "note": ""}, "item"),
        ({"do": "note", "item": "99", "note": ""}, "no such item"),
        ({"do": "change", "title": "", "description": "", "theme": "blue"}, "must not be empty"),
        ({"do": "change", "title": "x" * 61, "description": "", "theme": "blue"}, "at most 60"),
        ({"do": "change", "title": "x", "description": "", "theme": "plaid"}, "must be one of"),
        ({"do": "nonsense"}, "must be one of"),
    ],
)
def test_a_refusal_says_why(site, fields, says):
    made(site)
    ada = site.browser("ada")
    answer = ada.send(address(site, ada), fields)
    assert 400 <= answer.status_code < 500
    assert says in answer.text


def test_what_is_private_in_a_collection_is_for_those_who_may_see_it(site):
    site.repo("ada/open")
    site.repo("ada/shut", private=True)
    made(site, items=["ada/open", "ada/shut"])
    ada, eve = site.browser("ada"), site.browser("eve")
    here = address(site, ada)
    assert "shut" in ada.page(here)
    assert "shut" not in eve.page(here)
    assert "shut" not in eve.page("/collections")


def test_collections_are_searched_sorted_and_paged(site):
    for number in range(26):
        made(site, title=f"Number {number:02}")
    browser = site.browser()
    for sort in ("trending", "lastModified", "upvotes"):
        first = browser.page(f"/collections?sort={sort}")
        assert first.count('class="collection-card ') == 24
        path = first.split('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
        second = browser.page(path)
        assert second.count('class="collection-card ') == 2
        titles = re.findall(r"Number \d\d", first + second)
        assert sorted(set(titles)) == [f"Number {number:02}" for number in range(26)]
    assert browser.page("/collections?q=number+03").count('class="collection-card ') == 1
    assert "Nothing fits" in browser.page("/collections?q=zzz")
    for query in ("sort=worst", "after=x", "sort=upvotes&after=3&value=many"):
        assert browser.get(f"/collections?{query}").status_code == 400


@pytest.mark.parametrize("slug", ["none", "x-" + "f" * 24, "0" * 24, "x-" + "g" * 24])
def test_an_unknown_collection_is_not_found(site, slug):
    assert site.browser("ada").get(f"/collections/ada/{slug}").status_code == 404
