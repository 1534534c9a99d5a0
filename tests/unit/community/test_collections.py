import pytest

from hubkeep import repos
from hubkeep.accounts import STRANGER, NotAllowed, NotSignedIn, OwnerNotFound
from hubkeep.community import collections
from hubkeep.community.collections import (
    Changes,
    CollectionExists,
    CollectionNotFound,
    ItemChanges,
    ItemExists,
    ItemKind,
    ItemNotFound,
    NewCollection,
    NewItem,
    Query,
    Sort,
    Theme,
)
from hubkeep.kit import BadInput
from hubkeep.repos import Kind


def make(house, actor=None, namespace=None, title="Best of", **over):
    actor = actor or house.ada
    return house.do(
        collections.create, actor, NewCollection(namespace or actor.name, title, **over)
    ).collection


def put(house, collection, kind, name="", number=0, note="", actor=None):
    return house.do(
        collections.add_item, actor or house.ada, collection.id, NewItem(ItemKind(kind), name, number, note)
    )


def items(house, collection, actor=STRANGER):
    shown = house.ask(collections.get, actor, collection.id)
    return [(one.kind.value, one.info.repo.name if one.info else one.paper or "inner") for one in shown.items]


def titles(house, actor=STRANGER, **query):
    return [
        one.collection.title for one in house.ask(collections.list_collections, actor, Query(**query)).items
    ]


def test_things_stand_in_the_order_they_were_put(house):
    best = make(house)
    for name in ("one", "two"):
        house.make_repo(name=name)
        put(house, best, "model", f"ada/{name}", note=f"note on {name}")
    house.make_repo(name="data", kind=Kind.DATASET)
    put(house, best, "dataset", "ada/data")
    put(house, best, "paper", "2311.12983")
    put(house, best, "collection", number=make(house, title="Another").id)
    assert items(house, best) == [
        ("model", "one"),
        ("model", "two"),
        ("dataset", "data"),
        ("paper", "2311.12983"),
        ("collection", "inner"),
    ]
    shown = house.ask(collections.get, STRANGER, best.id)
    assert [(one.position, one.note) for one in shown.items][:2] == [(0, "note on one"), (1, "note on two")]


def test_moving_an_item_makes_the_others_give_way(house):
    best = make(house)
    for name in "abcd":
        house.make_repo(name=name)
        put(house, best, "model", f"ada/{name}")

    def order():
        return "".join(name for _, name in items(house, best))

    ids = {
        name: house.ask(collections.get, STRANGER, best.id).items[place].id
        for place, name in enumerate("abcd")
    }
    for name, position, expected in (("d", 0, "dabc"), ("a", 3, "dbca"), ("b", 99, "dcab")):
        house.do(collections.update_item, house.ada, best.id, ids[name], ItemChanges(position=position))
        assert order() == expected
    house.do(collections.delete_item, house.ada, best.id, ids["c"])
    shown = house.ask(collections.get, STRANGER, best.id)
    assert [one.position for one in shown.items] == [0, 1, 2]
    house.do(
        collections.update_item,
        house.ada,
        best.id,
        ids["a"],
        ItemChanges(note="new", images=["https://x/y.png"]),
    )
    changed = next(one for one in house.ask(collections.get, STRANGER, best.id).items if one.id == ids["a"])
    assert (changed.note, changed.images) == ("new", ("https://x/y.png",))
    for wrong in (
        ItemChanges(position=-1),
        ItemChanges(note="x" * 501),
        ItemChanges(images=["javascript:alert(1)"]),
    ):
        with pytest.raises(BadInput):
            house.do(collections.update_item, house.ada, best.id, ids["a"], wrong)


def test_nothing_stands_in_a_collection_twice_or_without_being_there(house):
    best = make(house)
    house.make_repo(name="one")
    put(house, best, "model", "ada/one")
    with pytest.raises(ItemExists):
        put(house, best, "model", "ADA/ONE")
    for kind, name in (
        ("model", "ada/nope"),
        ("dataset", "ada/one"),
        ("bucket", "ada/b"),
        ("paper", "x"),
        ("collection", ""),
    ):
        with pytest.raises(ItemNotFound):
            put(house, best, kind, name)
    with pytest.raises(BadInput, match="itself"):
        put(house, best, "collection", number=best.id)
    with pytest.raises(ItemNotFound):
        house.do(collections.delete_item, house.ada, best.id, 10**6)


def test_items_of_another_collection_are_not_touched(house):
    best, other = make(house), make(house, title="Other")
    item = put(house, other, "paper", "2311.12983").items[0]
    with pytest.raises(ItemNotFound):
        house.do(collections.update_item, house.ada, best.id, item.id, ItemChanges(note="x"))
    with pytest.raises(ItemNotFound):
        house.do(collections.delete_item, house.ada, best.id, item.id)


def test_private_things_are_shown_only_to_those_who_may_see_them(house):
    best = make(house)
    hidden = house.make_repo(private=True)
    secret = make(house, title="Secret", private=True)
    put(house, best, "model", hidden.full_name)
    put(house, best, "collection", number=secret.id)
    assert items(house, best, house.eve) == items(house, best, STRANGER) == []
    assert len(items(house, best, house.ada)) == 2
    with pytest.raises(CollectionNotFound):
        house.ask(collections.get, house.eve, secret.id)
    with pytest.raises(ItemNotFound):
        put(house, make(house, house.eve), "model", hidden.full_name, actor=house.eve)
    with pytest.raises(ItemNotFound):
        put(house, make(house, house.eve, title="2"), "collection", number=secret.id, actor=house.eve)
    assert "Secret" in titles(house, house.ada)
    assert "Secret" not in titles(house, house.eve)


def test_an_organizations_collections_belong_to_its_writers(house):
    shared = make(house, house.wim, "acme")
    house.make_repo(name="one")
    put(house, shared, "model", "ada/one", actor=house.ada)
    for actor in (house.rob, house.eve):
        with pytest.raises(NotAllowed):
            put(house, shared, "paper", "2311.12983", actor=actor)
        with pytest.raises(NotAllowed):
            make(house, actor, "acme", "Another")
        with pytest.raises(NotAllowed):
            house.do(collections.delete, actor, shared.id)
    with pytest.raises(NotSignedIn):
        house.do(collections.create, STRANGER, NewCollection("acme", "x"))
    with pytest.raises(OwnerNotFound):
        make(house, house.ada, "nobody")
    hidden = make(house, house.wim, "acme", "Internal", private=True)
    assert house.ask(collections.get, house.rob, hidden.id).collection.title == "Internal"


def test_a_title_is_taken_once_by_each_owner(house):
    best = make(house)
    with pytest.raises(CollectionExists):
        make(house, title="BEST OF")
    make(house, house.eve)
    other = make(house, title="Other")
    with pytest.raises(CollectionExists):
        house.do(collections.update, house.ada, other.id, Changes(title="best of"))
    house.do(collections.update, house.ada, best.id, Changes(title="Best Of"))
    house.do(collections.delete, house.ada, best.id)
    make(house)


@pytest.mark.parametrize(
    ("title", "description"), [("", ""), ("x" * 61, ""), ("fine", "x" * 151), ("a\0", "")]
)
def test_texts_out_of_bounds_are_refused(house, title, description):
    with pytest.raises(BadInput):
        make(house, title=title, description=description)


def test_a_collection_is_changed_and_moved_among_its_owners(house):
    first, second, third = (make(house, title=title) for title in ("1", "2", "3"))
    assert [one.position for one in (first, second, third)] == [0, 1, 2]
    changed = house.do(
        collections.update,
        house.ada,
        third.id,
        Changes(title="Third", description="d", private=True, theme=Theme.PINK, position=0),
    ).collection
    assert (changed.title, changed.description, changed.private, changed.theme, changed.position) == (
        "Third",
        "d",
        True,
        Theme.PINK,
        0,
    )
    assert house.ask(collections.get, house.ada, second.id).collection.position == 2


def test_votes_count_once(house):
    best = make(house)
    for _ in range(2):
        house.do(collections.upvote, house.eve, best.id, on=True)
    house.do(collections.upvote, house.rob, best.id, on=True)
    shown = house.ask(collections.get, house.eve, best.id)
    assert (shown.collection.upvotes, shown.upvoted) == (2, True)
    for _ in range(2):
        house.do(collections.upvote, house.eve, best.id, on=False)
    shown = house.ask(collections.get, house.eve, best.id)
    assert (shown.collection.upvotes, shown.upvoted) == (1, False)
    with pytest.raises(NotSignedIn):
        house.do(collections.upvote, STRANGER, best.id, on=True)


def test_lists_by_owner_item_title_and_order_over_pages(house):
    house.make_repo(name="one")
    made = {title: make(house, title=title) for title in ("First", "Second", "100% third")}
    make(house, house.eve, title="Hers")
    put(house, made["First"], "model", "ada/one")
    house.do(collections.upvote, house.eve, made["Second"].id, on=True)
    assert titles(house) == ["First", "Hers", "100% third", "Second"]
    assert titles(house, owners=["ADA"]) == ["First", "100% third", "Second"]
    assert titles(house, owners=["nobody"]) == []
    assert titles(house, items=[(ItemKind.MODEL, "ada/one", 0)]) == ["First"]
    assert titles(house, items=[(ItemKind.MODEL, "ada/nope", 0)]) == []
    assert titles(house, search="%") == ["100% third"]
    assert titles(house, sort=Sort.UPVOTES)[0] == titles(house, sort=Sort.TRENDING)[0] == "Second"
    for sort in Sort:
        seen, after = [], None
        while True:
            page = house.ask(collections.list_collections, STRANGER, Query(sort=sort, after=after, limit=1))
            seen += [one.collection.title for one in page.items]
            after = page.next
            if after is None:
                break
        assert seen == titles(house, sort=sort)
    with pytest.raises(BadInput):
        titles(house, after=("x", 1))


def test_a_list_shows_the_first_four_items(house):
    best = make(house)
    for number in range(6):
        put(house, best, "paper", f"2311.1298{number}")
    page = house.ask(collections.list_collections, STRANGER, Query())
    assert [one.paper[-1] for one in page.items[0].items] == ["0", "1", "2", "3"]


def test_what_is_deleted_leaves_the_collections_and_what_is_renamed_stays(house):
    best = make(house)
    repo, gone = house.make_repo(name="stays"), house.make_repo(name="goes")
    inner = make(house, title="Inner")
    for name in (repo.full_name, gone.full_name):
        put(house, best, "model", name)
    put(house, best, "collection", number=inner.id)
    with house.stores.db.write() as tx:
        repos.delete(tx, house.ada, gone.kind, gone.full_name)
        repos.move(tx, house.ada, repo.kind, repo.full_name, "ada/renamed")
    house.do(collections.delete, house.ada, inner.id)
    assert items(house, best) == [("model", "renamed")]
    assert len(house.ask(collections.get, house.ada, best.id).items) == 1


def test_the_doors_of_collections(doors):
    doors.house.make_repo(name="one")
    new = {"title": "Über  alles!", "namespace": "ada", "description": "d", "private": False}
    made = doors("POST", "/api/collections", json=new).json()
    assert made["slug"].startswith("ada/uber-alles-")
    assert {
        "title": "Über  alles!",
        "position": 0,
        "upvotes": 0,
        "theme": "orange",
        "items": [],
    }.items() <= made.items()
    assert made["owner"]["name"] == "ada"
    taken = doors("POST", "/api/collections", json=new)
    assert (taken.status_code, taken.json()["slug"]) == (409, made["slug"])
    url = f"/api/collections/{made['slug']}"
    stale = f"/api/collections/ada/another-title-{made['slug'][-24:].upper()}"
    assert doors("GET", stale, None).json()["slug"] == made["slug"]
    thing = {"item": {"id": "ada/one", "type": "model"}, "note": "look"}
    filled = doors("POST", f"{url}/items", json=thing).json()
    (item,) = filled["items"]
    assert {"id": "ada/one", "type": "model", "position": 0, "repoType": "model"}.items() <= item.items()
    assert item["note"]["text"] == "look"
    assert doors("POST", f"{url}/items", json=thing).status_code == 409
    assert doors("POST", f"{url}/items", "eve", json=thing).status_code == 403
    assert doors("POST", f"{url}/items", json={"item": {"id": "ada/no", "type": "model"}}).status_code == 404
    assert (
        doors("POST", f"{url}/items", json={"item": {"id": made["slug"], "type": "collection"}}).status_code
        == 400
    )
    assert doors("PATCH", f"{url}/items/{item['_id']}", json={"note": "new"}).status_code == 200
    batch = [{"action": "update", "_id": item["_id"], "data": {"note": "by batch", "position": 0}}]
    assert doors("POST", f"{url}/items/batch", json=batch).status_code == 200
    assert doors("GET", url, None).json()["items"][0]["note"]["text"] == "by batch"
    (listed,) = doors("GET", "/api/collections?owner=ada&item=models/ada/one&sort=upvotes", None).json()
    assert "position" not in listed
    wrapped = doors("PATCH", url, json={"title": "New title", "theme": "pink"}).json()["data"]
    assert wrapped["slug"].startswith("ada/new-title-")
    assert wrapped["slug"][-24:] == made["slug"][-24:]
    assert wrapped["position"] == 0
    assert doors("POST", f"{url}/upvote", "eve").json() == {"upvotes": 1}
    assert doors("GET", "/api/users/eve/overview", None).json()["numUpvotes"] == 1
    assert doors("GET", url, "eve").json()["isUpvotedByUser"] is True
    assert doors("DELETE", f"{url}/upvote", "eve").json() == {"upvotes": 0}
    assert doors("DELETE", f"{url}/items/{item['_id']}").status_code == 200
    assert doors("DELETE", f"{url}/items/{item['_id']}").status_code == 404
    assert doors("DELETE", url, "eve").status_code == 403
    assert doors("DELETE", url).status_code == 200
    assert doors("GET", url).status_code == 404
    with_item = doors("POST", "/api/collections", json={**new, "item": {"id": "ada/one", "type": "model"}})
    assert len(with_item.json()["items"]) == 1


@pytest.mark.parametrize(
    "query", ["sort=x", "item=ada/one", "item=models/", "cursor=WyJ4Il0", "cursor=!!!", "limit=0"]
)
def test_wrong_queries_of_collections_are_refused(doors, query):
    assert doors("GET", f"/api/collections?{query}", None).status_code == 400


def test_a_list_of_collections_links_to_its_next_page(doors):
    for number in range(3):
        doors("POST", "/api/collections", json={"title": f"Number {number}", "namespace": "ada"})
    seen, url = [], "/api/collections?limit=2&owner=ada"
    while url:
        answer = doors("GET", url, None)
        seen += [one["title"] for one in answer.json()]
        link = answer.headers.get("Link")
        url = link and link.partition(">")[0].removeprefix("<http://hub.test")
    assert seen == ["Number 2", "Number 1", "Number 0"]
