"""The API describes itself, and tells where pictures of people are."""

import json
import re

import pytest


@pytest.fixture
def described(house):
    answer = house.client.get("/.well-known/openapi.json")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    return answer.json()


def test_the_description_has_every_call_and_says_where_the_hub_is(house, described):
    assert described["openapi"].startswith("3.1")
    assert described["servers"] == [{"url": house.hub.url}]
    assert described["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}
    calls = {(method, path) for path, methods in described["paths"].items() for method in methods}
    assert {
        ("get", "/api/whoami-v2"),
        ("get", "/api/{kind}"),
        ("get", "/api/{kind}/{ns}/{name}"),
        ("post", "/api/repos/create"),
        ("get", "/api/users/{name}/avatar"),
    } <= calls
    assert len(calls) > 80


def test_the_description_is_sound(described):
    ids = []
    for path, methods in described["paths"].items():
        for method, call in methods.items():
            where = f"{method} {path}"
            ids.append(call["operationId"])
            assert call["description"].strip(), where
            assert call["tags"], where
            told = {one["name"] for one in call.get("parameters", []) if one["in"] == "path"}
            assert told == set(re.findall(r"{(\w+)}", path)), where
            for one in call.get("parameters", []):
                assert one["schema"], where
                assert one["required"] or one["in"] != "path", where
            assert call["responses"], where
    assert len(set(ids)) == len(ids)
    wanted = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(described)))
    assert wanted <= described["components"]["schemas"].keys()


def test_every_filter_of_lists_is_described_and_taken(house, described):
    told = described["paths"]["/api/{kind}"]["get"]["parameters"]
    names = {one["name"] for one in told if one["in"] == "query"}
    assert {"search", "filter", "author", "sort", "limit", "cursor", "expand", "num_parameters"} <= names
    refusal = house.client.get("/api/models?nonsense=1").json()["error"]
    taken = {name.strip() for name in refusal.partition("there are ")[2].rstrip(".").split(",")}
    assert taken <= names


def test_the_description_for_readers_has_one_line_a_call(house, described):
    text = house.client.get("/.well-known/openapi.md").text
    lines = [line for line in text.splitlines() if line.startswith("- `")]
    assert len(lines) == sum(len(methods) for methods in described["paths"].values())
    assert "- `GET /api/whoami-v2`: " in text


def test_where_pictures_of_people_are(house):
    url = house.hub.url
    assert house.client.get("/api/users/ada/avatar").json() == {"avatarUrl": f"{url}/avatars/ada.svg"}
    assert (
        house.client.get("/api/users/ADA/avatar?redirect=true").headers["location"]
        == f"{url}/avatars/ada.svg"
    )
    as_picture = house.client.get("/api/users/ada/avatar", headers={"Sec-Fetch-Dest": "image"})
    assert (as_picture.status_code, as_picture.headers["location"]) == (302, f"{url}/avatars/ada.svg")
    assert house.client.get("/api/avatars/ada").headers["location"] == f"{url}/avatars/ada.svg"
    assert house.client.get("/avatars/ada.svg").headers["content-type"].startswith("image/svg+xml")
    for path in (
        "/api/organizations/ada/avatar",
        "/api/users/nobody-here/avatar",
        "/api/avatars/nobody-here",
    ):
        assert house.client.get(path).status_code == 404


def test_small_calls_of_every_process_are_answered(house):
    assert house.client.head("/api/telemetry/snapshot/any/where").status_code == 204
    assert house.client.get("/api/agent-harnesses").json() == {"standardEnvVars": [], "harnesses": {}}
    assert house.client.get("/robots.txt").text.startswith("User-agent: *")
