"""Lists by the newest client and by the pages: the same repositories in the same order, the same numbers, the same refusals."""

import base64
import json
import urllib.parse
from typing import Any

import pytest
from tests.clients.harness.pages import Element, fetch, page, parse

LICENSES = ("mit", "apache-2.0", "gpl-3.0")
TASKS = {"model": ("fill-mask", "text-generation"), "dataset": ("text-classification", "translation")}
# What the API calls an order, what the page calls it.
SORTS = {
    "trendingScore": "trending",
    "lastModified": "modified",
    "createdAt": "created",
    "downloads": "downloads",
    "likes": "likes",
    "num_parameters": "parameters",
}
HARMLESS = [
    '"',
    "'",
    "a OR b",
    "NOT x",
    "NEAR(a b)",
    "(",
    "*",
    "%",
    "_",
    "\\",
    "a:*",
    "'; DROP TABLE repos; --",
    "-",
    "tides*",
    "İ",
]


def card_of(kind: str, number: int, mark: str) -> str:
    """Return a card: license, task and tags go round with the number."""
    lines = [
        f"license: {LICENSES[number % 3]}",
        f"tags: [{mark}, {'even' if number % 2 == 0 else 'odd'}-{mark}]",
    ]
    if kind == "model":
        lines += [
            f"pipeline_tag: {TASKS[kind][number % 2]}",
            f"library_name: {'transformers' if number < 4 else 'timm'}",
        ]
    if kind == "dataset":
        lines += [
            f"task_categories: [{TASKS[kind][number % 2]}]",
            f"language: [{'ga' if number < 3 else 'en'}]",
        ]
    if kind == "space":
        lines += ["sdk: static", "title: S", "emoji: 🌊", "colorFrom: red", "colorTo: gray"]
    return "---\n" + "\n".join(lines) + "\n---\n# x\n"


@pytest.fixture(scope="session")
def furnished(ada) -> dict[str, tuple[str, list[str]]]:
    """Make seven of each kind, one of them private: the mark that they share, and their names."""
    made = {
        kind: (f"mark-{kind}-7", [f"ada/listed-{kind}-{n}" for n in range(7)])
        for kind in ("model", "dataset", "space")
    }

    def story(api, made, cards):
        for kind, (_, names) in made.items():
            for name, card in zip(names, cards[kind], strict=True):
                more = {"space_sdk": "static"} if kind == "space" else {}
                api.create_repo(name, repo_type=kind, private=name.endswith("6"), **more)
                api.upload_file(
                    path_or_fileobj=card.encode(), path_in_repo="README.md", repo_id=name, repo_type=kind
                )

    cards = {kind: [card_of(kind, n, mark) for n in range(7)] for kind, (mark, _) in made.items()}
    ada.run(story, made=made, cards=cards)
    return made


def listed(shown: Element) -> list[str]:
    """Return the repositories of a list's page, in order."""
    return [link.text.replace("/ ", "/") for link in shown.all("a", "repo-line-name")]


def by_page(hub, kind: str, **asked: Any) -> list[str]:
    """Walk a list through its pages, as a reader who presses "Next page"."""
    address, found = f"/{kind}s?{urllib.parse.urlencode(asked, doseq=True)}", list[str]()
    while address:
        shown = page(hub.url + address)
        found += listed(shown)
        onward = shown.all("a", rel="next")
        address = onward[0].attributes["href"] if onward else ""
    return found


def by_client(client, kind: str, **asked: Any) -> list[str]:
    """Ask the client's own lister; orders by the client's names."""

    def story(api, kind, asked):
        return [found.id for found in getattr(api, f"list_{kind}s")(**asked)]

    found: list[str] = client.run(story, kind=kind, asked=asked)
    return found


QUESTIONS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("model", {}, {}),
    ("model", {"filter": "license:mit"}, {"license": "mit"}),
    ("model", {"pipeline_tag": "fill-mask"}, {"pipeline_tag": "fill-mask"}),
    ("model", {"filter": ["transformers", "license:mit"]}, {"filter": ["transformers", "license:mit"]}),
    ("model", {"search": "listed-model-3"}, {"search": "listed-model-3"}),
    ("model", {"author": "ada", "gated": False}, {"author": "ada"}),
    ("model", {"filter": "timm"}, {"library": "timm"}),
    ("dataset", {"task_categories": "translation"}, {"filter": "task_categories:translation"}),
    ("dataset", {"language": "ga"}, {"language": "ga"}),
    ("dataset", {"filter": "license:gpl-3.0"}, {"license": "gpl-3.0"}),
    ("space", {"filter": "static"}, {"filter": "static"}),
]


@pytest.mark.parametrize(("kind", "asked", "shown"), QUESTIONS)
def test_pages_and_client_list_the_same(hub, nobody, furnished, kind, asked, shown):
    mark, names = furnished[kind]
    tags = asked.get("filter", [])
    mine = {**asked, "filter": [mark, *([tags] if isinstance(tags, str) else tags)]}
    theirs = {
        **shown,
        "filter": [
            mark,
            *([shown["filter"]] if isinstance(shown.get("filter"), str) else shown.get("filter", [])),
        ],
    }
    found = by_client(nobody, kind, **mine)
    assert found
    assert set(found) < set(names), "the private one is nobody's to see"
    assert by_page(hub, kind, **theirs) == found


@pytest.mark.parametrize("kind", ["model", "dataset", "space"])
def test_every_order_is_the_same_on_pages_and_in_the_client(hub, nobody, furnished, kind):
    mark, names = furnished[kind]
    status, text = fetch(f"{hub.url}/{kind}s?filter={mark}")
    assert status == 200
    offered = [one.attributes["value"] for one in parse(text).one("select", id="hk-sort").all("option")]
    assert len(offered) >= 4
    for wire, shown in SORTS.items():
        if shown not in offered:
            continue
        found = by_client(nobody, kind, filter=mark, sort=wire)
        assert by_page(hub, kind, filter=mark, sort=shown) == found, wire
        if shown == "created":
            assert found == list(reversed(names[:6]))


def test_numbers_beside_filters_are_what_the_client_counts(hub, nobody, furnished):
    for kind in ("model", "dataset"):
        mark, _ = furnished[kind]
        shown = page(f"{hub.url}/{kind}s?filter={mark}")
        counted = 0
        for facet in shown.one("aside", "facets").all("a", "facet"):
            numbers = facet.all("span", "facet-number")
            if not numbers or facet.attributes.get("aria-current"):
                continue
            address = urllib.parse.urlsplit(facet.attributes["href"])
            asked = urllib.parse.parse_qs(address.query)
            there = page(f"{hub.url}{facet.attributes['href']}")
            assert len(listed(there)) == int(numbers[0].text), facet.text
            known = {
                name: asked[name] if name == "filter" else asked[name][0] for name in asked if name != "gated"
            }
            assert len(by_client(nobody, kind, **known)) == int(numbers[0].text), facet.text
            counted += 1
        assert counted >= 5


@pytest.mark.parametrize("kind", ["model", "dataset"])
def test_tags_by_type_are_the_filters_that_find_something(hub, nobody, furnished, kind):
    def story(api, kind):
        tags = getattr(api, f"get_{kind}_tags")()
        return {
            group: [(one["id"], one["label"], one["type"]) for one in found] for group, found in tags.items()
        }

    mark, names = furnished[kind]
    groups = nobody.run(story, kind=kind)
    assert all(one[2] == group for group, found in groups.items() for one in found)
    ids = {one[0] for found in groups.values() for one in found}
    assert {f"license:{name}" for name in LICENSES} <= ids
    task = "pipeline_tag" if kind == "model" else "task_categories"
    wanted = TASKS[kind] if kind == "model" else [f"task_categories:{each}" for each in TASKS[kind]]
    assert set(wanted) <= {one[0] for one in groups[task]}
    for tag in (f"license:{LICENSES[0]}", wanted[0]):
        assert set(by_client(nobody, kind, filter=[tag, mark])) <= set(names)
        assert by_client(nobody, kind, filter=[tag, mark])


@pytest.mark.parametrize("kind", ["model", "dataset", "space"])
def test_who_may_see_the_private_one_sees_it_in_client_and_search(ada, eve, furnished, kind):
    mark, names = furnished[kind]
    assert sorted(by_client(ada, kind, filter=mark)) == names
    assert sorted(by_client(eve, kind, filter=mark)) == names[:6]


@pytest.mark.parametrize("kind", ["model", "dataset", "space"])
@pytest.mark.parametrize("text", HARMLESS)
def test_operators_and_quotes_are_just_letters(hub, nobody, furnished, kind, text):
    del furnished
    found = by_client(nobody, kind, search=text)
    assert all(text.strip().lower() in name.lower() for name in found if " " not in text)
    assert by_page(hub, kind, search=text) == found


def refused(client, path: str) -> tuple[int, str]:
    """Ask an address of the API with the client's own session; return the status and what it was told."""

    def story(hf, path):
        answer = hf.utils.get_session().get(hf.constants.ENDPOINT + path)
        with pytest.raises(hf.errors.HfHubHTTPError) as refusal:
            hf.utils.hf_raise_for_status(answer)
        return answer.status_code, str(refusal.value)

    told: tuple[int, str] = client.run(story, path=path)
    return told


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/api/models?sort=nonsense", ["sort", "trendingScore", "downloads", "num_parameters"]),
        ("/api/spaces?sort=downloads", ["sort", "trendingScore", "likes"]),
        ("/api/datasets?sort=num_parameters", ["sort", "downloads"]),
        ("/api/models?colour=red", ["colour", "filter", "pipeline_tag", "num_parameters"]),
        ("/api/datasets?apps=vllm", ["apps", "filter"]),
        ("/api/models?apps=nonsense", ["apps", "vllm", "ollama"]),
        ("/api/models?num_parameters=huge", ["num_parameters", "min:6B"]),
        ("/api/models?num_parameters=min:9B,max:1B", ["num_parameters"]),
        ("/api/models?limit=0", ["limit", "1 to 1000"]),
        ("/api/models?limit=ten", ["limit"]),
        ("/api/models?direction=up", ["direction"]),
        ("/api/models?gated=perhaps", ["gated"]),
        ("/api/models?inference=cold", ["inference", "warm"]),
        ("/api/models?expand=nonsense", ["expand"]),
        ("/api/models?expand=tags&full=true", ["expand", "full"]),
        ("/api/models?author=a&author=b", ["author", "once"]),
        ("/api/models?search=" + "x" * 201, ["search", "200"]),
        ("/api/models?" + "&".join(f"filter=t{n}" for n in range(51)), ["filter", "50"]),
    ],
)
def test_a_question_that_cannot_be_is_refused_and_told_what_can(nobody, furnished, path, named):
    del furnished
    status, told = refused(nobody, path)
    assert status == 400
    for word in named:
        assert word in told, (word, told)


def next_of(client, kind: str) -> str:
    """Return the address of a list's second page, as the client follows it."""

    def story(hf, kind):
        answer = hf.utils.get_session().get(f"{hf.constants.ENDPOINT}/api/{kind}s?limit=2")
        return answer.links["next"]["url"]

    address: str = client.run(story, kind=kind)
    return address


@pytest.mark.parametrize("kind", ["model", "dataset", "space"])
def test_a_cursor_that_was_tampered_with_is_refused(nobody, furnished, kind):
    del furnished
    address = urllib.parse.urlsplit(next_of(nobody, kind))
    query = dict(urllib.parse.parse_qsl(address.query))
    assert query["limit"] == "2"
    right = query["cursor"]

    def coded(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    wrong = [
        right[:-3] + "!!!",
        "x",
        "%00",
        coded("a"),
        coded({"$gt": 1}),
        coded([1]),
        coded(-1),
        coded(1.5),
        coded(True),
        coded(None) + "A",
        coded(1 << 70),
        "9" * 4000,
    ]
    for cursor in wrong:
        path = f"{address.path}?{urllib.parse.urlencode({'limit': 2, 'cursor': cursor})}"
        status, told = refused(nobody, path)
        assert (status, "cursor" in told) == (400, True), cursor


def test_pages_refuse_what_the_api_refuses(hub, furnished):
    del furnished
    for path, named in (
        ("/models?sort=nonsense", "trending"),
        ("/spaces?sort=downloads", "likes"),
        ("/models?num_parameters=huge", "min:1B"),
        ("/models?after=-1", "after"),
        ("/models?after=1e9", "after"),
        ("/models?" + "&".join(f"filter=t{n}" for n in range(13)), "12"),
    ):
        status, html = fetch(hub.url + path)
        assert status == 400, path
        assert named in parse(html).one("main").text, path
