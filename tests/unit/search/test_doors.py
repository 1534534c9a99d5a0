"""The doors of search: what clients send, and what they need back."""

import base64
import json

import pytest

from hubkeep.community import collections
from hubkeep.community.collections import NewCollection
from hubkeep.repos import Kind


def test_a_default_item_has_what_the_hub_sends(house):
    house.model("bert", "pytorch", pipeline_tag="fill-mask")
    (item,) = house.get("/api/models").json()
    expected = {"_id", "id", "modelId", "likes", "private", "downloads", "tags", "pipeline_tag", "createdAt"}
    assert expected <= item.keys()
    assert item["trendingScore"] == 0
    assert "siblings" not in item


def test_filters_are_repeated_bracketed_or_joined_by_commas(house):
    house.model("both", "a", "b")
    house.model("one", "a")
    for params in ({"filter": ["a", "b"]}, {"filter[]": ["a", "b"]}, {"filter": "a,b"}):
        assert house.ids("/api/models", **params) == ["ada/both"]


def test_pages_are_linked_by_absolute_addresses_that_keep_every_filter(house):
    for number in range(5):
        house.model(f"m{number}", "x")
    found: list[str] = []
    url: str | None = "/api/models?filter=x&limit=2&direction=-1"
    while url:
        answer = house.client.get(url)
        found += [item["id"] for item in answer.json()]
        link = answer.headers.get("Link")
        url = link[1 : link.index(">")] if link else None
        if link:
            assert link.startswith("<http://hub.test/api/models?filter=x&limit=2")
            assert link.endswith('>; rel="next"')
    assert found == [f"ada/m{number}" for number in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize(
    "cursor", ["abc", "bnVsbA", "MS41", "dHJ1ZQ", "IjEi", "W10", "LTE", "OTk5OTk5OTk5OTk5OTk5OTk5OTk", "%ff"]
)
def test_an_altered_cursor_is_refused(house, cursor):
    answer = house.client.get(f"/api/models?cursor={cursor}")
    assert answer.status_code == 400 or (
        cursor == "bnVsbA" and answer.json() == []
    )  # `null` is the first page
    if answer.status_code == 400:
        assert "cursor" in answer.json()["error"]


@pytest.mark.parametrize(
    ("path", "params", "said"),
    [
        ("models", {"sort": "stars"}, "trendingScore"),
        ("spaces", {"sort": "downloads"}, "lastModified"),
        ("models", {"stars": "1"}, "pipeline_tag"),
        ("datasets", {"apps": "vllm"}, "apps"),
        ("models", {"apps": "notepad"}, "ollama"),
        ("models", {"limit": "0"}, "limit"),
        ("models", {"limit": "x"}, "limit"),
        ("models", {"direction": "2"}, "direction"),
        ("models", {"gated": "perhaps"}, "gated"),
        ("models", {"num_parameters": "6B"}, "num_parameters"),
        ("models", {"num_parameters": "min:6B,min:7B"}, "num_parameters"),
        ("models", {"num_parameters": "min:7B,max:6B"}, "min is above max"),
        ("models", {"num_parameters": "min:" + "9" * 30}, "num_parameters"),
        ("models", {"inference": "cold"}, "warm"),
        ("models", {"expand": "everything"}, "downloads"),
        ("models", {"expand": "tags", "full": "true"}, "expand"),
        ("models", {"author": ["ada", "eve"]}, "author"),
    ],
)
def test_what_is_not_understood_is_a_400_that_names_what_is(house, path, params, said):
    answer = house.get(f"/api/{path}", **params)
    assert answer.status_code == 400
    assert said in answer.json()["error"]
    assert answer.headers["X-Error-Message"]


@pytest.mark.parametrize(
    "params",
    [
        {"license": "mit", "language": "en", "library": "pytorch", "dataset": "squad"},
        {"license": "license:mit", "language": "en", "other": "fine"},
        {"filter": ["license:mit", "en", "dataset:squad"]},
        {"search": ["be", "rt"], "author": "ada", "gated": "False"},
        {"pipeline_tag": "fill-mask"},
        {"search": ""},
    ],
)
def test_a_model_is_found_in_every_way_that_people_ask(house, params):
    house.model(
        "bert", "pytorch", "fine", license="mit", language="en", datasets=["squad"], pipeline_tag="fill-mask"
    )
    assert house.ids("/api/models", **params) == ["ada/bert"]


def test_datasets_have_prefixes_before_languages_and_sizes(house):
    data = house.make_repo(kind=Kind.DATASET, name="tides")
    house.push(data, {"language": ["en"], "size_categories": ["n<1K"], "task_ids": ["parsing"]})
    for params in (
        {"language": "en"},
        {"filter": ["language:en", "size_categories:n<1K"]},
        {"filter": "task_ids:parsing"},
    ):
        assert house.ids("/api/datasets", **params) == ["ada/tides"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("min:6", True),
        ("max:6", True),
        ("min:0.006K,max:6", True),
        ("max:1B,min:1", True),
        ("min:7", False),
        ("min:1B", False),
    ],
)
def test_weights_are_bounded_with_units(house, safetensors, asked, found):
    house.commit(house.make_repo(name="six"), safetensors(6))
    house.model("unknown")
    assert house.ids("/api/models", num_parameters=asked) == (["ada/six"] if found else [])


def test_nothing_is_warm_and_that_is_said_by_an_empty_list(house):
    house.model("bert")
    assert house.ids("/api/models", inference="warm") == []
    assert house.ids("/api/models", inference_provider="all") == []


def test_full_adds_the_commit_and_the_files(house):
    house.model("bert", "x")
    (item,) = house.get("/api/models", full="true").json()
    assert {"sha", "lastModified", "author", "gated"} <= item.keys()
    assert {"rfilename": "README.md"} in item["siblings"]
    (item,) = house.get("/api/models", expand=["siblings", "downloads"]).json()
    assert item.keys() == {"_id", "id", "siblings", "downloads"}


def test_lists_with_files_come_in_shorter_pages_and_keep_to_what_one_may_see(house):
    house.model("mine", private=True)
    for number in range(3):
        house.model(f"m{number}")
    assert [item["id"] for item in house.get("/api/models", full="true").json()] == [
        "ada/m2",
        "ada/m1",
        "ada/m0",
    ]
    first = house.get("/api/models", "ada", full="true", limit=1)
    assert [len(item["siblings"]) for item in first.json()] == [1]
    assert 'rel="next"' in first.headers["Link"]


def test_a_filter_on_models_implies_full_without_files(house):
    house.model("bert", "x")
    (item,) = house.get("/api/models", filter="x").json()
    assert "sha" in item
    assert "siblings" not in item


def test_a_private_model_is_listed_only_to_its_owner(house):
    house.model("secret", private=True)
    assert house.ids("/api/models") == []
    assert house.ids("/api/models", "eve", search="secret") == []
    assert house.ids("/api/models", "ada", search="secret") == ["ada/secret"]


def test_the_vocabulary_says_what_is_known_and_what_is_used(house):
    house.model("bert", "pytorch", "my-own", license="mit", datasets=["Ada/Squad"])
    house.model("hidden", "not-for-you", private=True)
    tags = house.get("/api/models-tags-by-type").json()
    assert {"pipeline_tag", "library", "language", "license", "dataset", "other", "region"} <= tags.keys()
    assert tags["library"][0] == {"id": "pytorch", "label": "PyTorch", "type": "library", "count": 1}
    assert tags["license"][0] == {"id": "license:mit", "label": "mit", "type": "license", "count": 1}
    assert tags["dataset"] == [
        {"id": "dataset:Ada/Squad", "label": "Ada/Squad", "type": "dataset", "count": 1}
    ]
    assert [tag["id"] for tag in tags["other"]] == ["my-own"]
    fill = next(tag for tag in tags["pipeline_tag"] if tag["id"] == "fill-mask")
    assert fill == {
        "id": "fill-mask",
        "label": "Fill-Mask",
        "type": "pipeline_tag",
        "count": 0,
        "subType": "nlp",
    }
    assert len(tags["language"]) > 180


def test_one_type_of_the_vocabulary_can_be_asked_for(house):
    tags = house.get("/api/datasets-tags-by-type", type="license").json()
    assert list(tags) == ["license"]
    assert house.get("/api/datasets-tags-by-type", type="pipeline_tag").status_code == 400


def test_quick_search_finds_repos_and_people(house):
    house.model("ada-bert")
    house.make_repo(kind=Kind.SPACE, sdk="static", name="ada-space")
    found = house.get("/api/quicksearch", q="ada").json()
    assert found["models"] == [{"id": "ada/ada-bert", "trendingWeight": 0.0}]
    assert [space["id"] for space in found["spaces"]] == ["ada/ada-space"]
    assert (found["modelsCount"], found["spacesCount"], found["datasetsCount"]) == (1, 1, 0)
    assert [user["user"] for user in found["users"]] == ["ada"]
    assert found["users"][0]["avatarUrl"].startswith("http://hub.test/")
    assert [org["name"] for org in house.get("/api/quicksearch", q="acm").json()["orgs"]] == ["acme"]
    assert (found["papers"], found["papersCount"]) == ([], 0)


def test_quick_search_shows_private_repos_to_those_who_may_see_them(house):
    house.model("secret", private=True)
    assert house.get("/api/quicksearch", q="secret").json()["modelsCount"] == 0
    found = house.get("/api/quicksearch", "ada", q="secret").json()
    assert found["models"] == [{"id": "ada/secret", "trendingWeight": 0.0, "private": True}]


def test_quick_search_finds_collections_by_their_title_and_hides_private_ones(house):
    with house.stores.db.write() as tx:
        for title, private in (("Water models", False), ("Water, secret", True)):
            collections.create(tx, house.actor(), NewCollection("ada", title, private=private))
    found = house.get("/api/quicksearch", q="water").json()
    assert [one["title"] for one in found["collections"]] == ["Water models"]
    assert found["collections"][0]["slug"].startswith("ada/water-models-")
    assert found["collectionsCount"] == 1
    assert house.get("/api/quicksearch", "ada", q="water").json()["collectionsCount"] == 2
    assert house.get("/api/quicksearch", q="water", type="model").json()["collections"] == []
    assert house.get("/api/quicksearch", q="").json()["collectionsCount"] == 0


def test_quick_search_narrows_and_excludes(house):
    for name in ("bert-a", "bert-b"):
        house.model(name, "pytorch")
    found = house.get(
        "/api/quicksearch", q="bert", exclude="ada/bert-b", type="model", library="pytorch"
    ).json()
    assert [model["id"] for model in found["models"]] == ["ada/bert-a"]
    assert found["users"] == []
    body = {"q": "bert", "limit": 1, "namespace": "ada", "exclude": []}
    assert len(house.client.post("/api/quicksearch", json=body).json()["models"]) == 1
    many = {"q": "bert", "exclude": ["ada/bert-a"] * 1001}
    refused = house.client.post("/api/quicksearch", json=many)
    assert refused.status_code == 400
    assert "at most 1,000" in refused.json()["error"]


@pytest.mark.parametrize("params", [{"limit": 21}, {"type": "cat"}, {"colour": "red"}, {"q": "x" * 300}])
def test_quick_search_refuses_what_it_does_not_know(house, params):
    answer = house.get("/api/quicksearch", **{"q": "bert"} | params)
    assert answer.status_code in (200, 400)
    assert (answer.status_code == 400) is (params.get("limit") != 21)


def test_an_empty_quick_search_finds_nothing(house):
    house.model("bert")
    assert house.get("/api/quicksearch", q=" ").json()["models"] == []


def test_trending_lists_what_many_look_at(house):
    repo = house.model("bert")
    house.model("gpt")
    house.download(repo, 9)
    found = house.get("/api/trending", type="model", limit=5).json()["recentlyTrending"]
    assert [(one["repoType"], one["repoData"]["id"]) for one in found] == [
        ("model", "ada/bert"),
        ("model", "ada/gpt"),
    ]
    assert house.get("/api/trending", type="paper").status_code == 400


def test_spaces_are_found_by_a_sentence_best_first(house):
    for name, sdk, text in (
        ("paint", "gradio", "Paint a picture from a sentence."),
        ("sing", "static", "Sing a picture."),
    ):
        space = house.make_repo(kind=Kind.SPACE, sdk=sdk, name=name)
        house.push(space, {"sdk": sdk, "title": name.title(), "emoji": "🎨"}, text)
    house.work()
    found = house.get(
        "/api/spaces/semantic-search", q="I want to paint a picture", includeNonRunning="true"
    ).json()
    assert [(item["id"], item["semanticRelevancyScore"]) for item in found] == [
        ("ada/paint", 1.0),
        ("ada/sing", 0.5),
    ]
    assert (found[0]["title"], found[0]["emoji"], found[0]["sdk"]) == ("Paint", "🎨", "gradio")
    assert house.ids("/api/spaces/semantic-search", q="picture", sdk="static") == ["ada/sing"]
    assert house.ids("/api/spaces/semantic-search", q="the of and") == []
    assert house.get("/api/spaces/semantic-search", q="x", colour="red").status_code == 400


@pytest.mark.parametrize("name", ["search", "filter", "author", "pipeline_tag", "license", "q"])
@pytest.mark.parametrize("value", ["zz\0q", '"', "a AND (", "\u202e", "%s", ":q", "日" * 200])
def test_odd_characters_find_nothing_and_break_nothing(house, name, value):
    house.model("bert")
    path = "/api/quicksearch" if name == "q" else "/api/models"
    answer = house.get(path, **{name: value})
    assert answer.status_code == 200, answer.text
    assert "bert" not in answer.text


@pytest.mark.parametrize("value", [-1, 1 << 63, 1 << 80, 1.5, "x", True, [1], {"a": 1}])
def test_a_cursor_of_another_kind_is_refused(house, value):
    cursor = base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
    answer = house.get("/api/models", cursor=cursor)
    assert answer.status_code == 400, answer.text
    assert "cursor" in answer.json()["error"]
