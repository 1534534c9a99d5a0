"""How much may be asked in a while, and by whom it is counted."""

import pytest
from tests.tools.growth import assert_costs_at_most
from tests.unit.wire.asgi import drive, scope_of

from hubkeep.wire import rate_limit
from hubkeep.wire.rate_limit import Windows, bucket_of

WHO = "/api/whoami-v2"


@pytest.mark.parametrize(
    ("path", "bucket"),
    [
        ("/api/models", "api"),
        ("/api/resolve-cache/models/ada/x/abc/f", "resolvers"),
        ("/ada/x/resolve/main/config.json", "resolvers"),
        ("/datasets/ada/x/raw/main/README.md", "resolvers"),
        ("/ada/x", "pages"),
        ("/", "pages"),
        ("/ada/x.git/info/refs", "api"),
        ("/ada/x.git/info/lfs/objects/batch", "api"),
        (f"/ada/x.git/info/lfs/objects/{'a' * 64}", None),
        (f"/datasets/ada/x.git/info/lfs/objects/{'a' * 64}/parts/1", None),
        (f"/ada/x/blob/main/info/lfs/objects/{'a' * 64}", "pages"),
        ("/cas/e1/v1/xorbs/default/abc", None),
        ("/-/static/hubkeep.css", None),
        ("/healthz", None),
    ],
)
def test_every_address_counts_in_its_bucket(path, bucket):
    assert bucket_of(path) == bucket


def test_a_window_counts_up_and_begins_anew_when_it_is_over():
    moment = [100.0]
    windows = Windows(300, lambda: moment[0])
    assert [windows.count("api", 1) for _ in range(3)] == [(1, 300), (2, 300), (3, 300)]
    moment[0] = 399.5
    assert windows.count("api", 1) == (4, 1)
    assert windows.count("api", 2) == (1, 300)
    assert windows.count("pages", 1) == (1, 300)
    moment[0] = 400.0
    assert windows.count("api", 1) == (1, 300)


def test_memory_is_bounded_and_the_oldest_windows_go_first(monkeypatch):
    monkeypatch.setattr(rate_limit, "MAX_KEYS", 100)
    moment = [0.0]
    windows = Windows(300, lambda: moment[0])
    for number in range(1000):
        moment[0] += 0.01
        windows.count("api", f"192.0.2.{number}")
        assert windows.count("api", "somebody")[0] >= 1
    assert len(windows._open) <= 101
    moment[0] += 1000
    for number in range(200):
        windows.count("api", number)
    assert ("api", "somebody") not in windows._open


def test_without_limits_nothing_is_counted_or_said(house):
    answer = house.client.get(WHO, headers=house.auth())
    assert "ratelimit" not in answer.headers


def test_answers_tell_what_is_left_and_the_one_too_many_is_refused(make_house):
    house = make_house(rates={"api": 3, "window_seconds": 60})
    answers = [house.client.get(WHO, headers=house.auth()) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit"].startswith('"api";r=2;t=')
    assert answers[0].headers["ratelimit-policy"] == '"fixed window";"api";q=3;w=60'
    refused = answers[3]
    assert refused.headers["ratelimit"].startswith('"api";r=0;t=')
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.json()["error"] == refused.headers["x-error-message"]
    assert "3 requests in 60 seconds for api" in refused.json()["error"]
    assert refused.headers["x-request-id"]


def test_each_user_has_their_own_room_whatever_token_they_bring(make_house):
    house = make_house(rates={"api": 2})
    assert house.client.get(WHO, headers=house.auth("ada")).status_code == 200
    assert house.client.get(WHO, headers=house.auth("reader")).status_code == 200  # the same person
    assert house.client.get(WHO, headers=house.auth("ada")).status_code == 429
    assert house.client.get(WHO, headers=house.auth("eve")).status_code == 200


def test_invented_tokens_count_for_their_address(make_house):
    house = make_house(rates={"api": 4, "anonymous_percent": 50})
    asked = [
        house.client.get(WHO, headers={"Authorization": f"Bearer hf_invented{number}"}) for number in range(3)
    ]
    assert [answer.status_code for answer in asked] == [401, 401, 429]
    assert house.client.get("/api/models").status_code == 429
    assert house.client.get(WHO, headers=house.auth()).status_code == 200


def test_buckets_are_apart_and_links_to_bytes_are_free(make_house):
    house = make_house(rates={"api": 1, "resolvers": 1})
    repo = house.make_repo()
    address = f"/{repo.full_name}/resolve/main/README.md"
    assert house.client.head(address, headers=house.auth()).status_code != 429
    assert house.client.head(address, headers=house.auth()).status_code == 429
    assert house.client.get(WHO, headers=house.auth()).status_code == 200
    assert "ratelimit" not in house.client.get(f"/{repo.full_name}", headers=house.auth()).headers
    assert all(house.client.get("/healthz").status_code == 200 for _ in range(5))


def test_a_browser_gets_a_page(make_house):
    house = make_house(rates={"pages": 1})
    html = {"Accept": "text/html,*/*;q=0.8"}
    assert house.client.get("/", headers=html).status_code == 200
    refused = house.client.get("/", headers=html)
    assert refused.status_code == 429
    assert refused.headers["content-type"].startswith("text/html")
    assert "Too fast" in refused.text


def test_counting_costs_next_to_nothing(make_house):
    """A tenth of the cheapest answer would be much; it is a hundredth. The database is asked once for each caller."""
    house = make_house(rates={"api": 1_000_000})

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    counting = rate_limit.limited(app, house.hub)
    scope = scope_of("GET", WHO, house.auth()) | {"app": None}

    def asked(what, times: int) -> None:
        async def again(scope, receive, send):
            for _ in range(times):
                await what(scope, receive, send)

        drive(again, scope)

    assert_costs_at_most(1, lambda: asked(counting, 1000), lambda: asked(house.app, 100))
    house.hub.sql.shutdown()
    asked(counting, 1)


def test_counting_costs_the_same_however_many_are_counted():
    def count(windows: Windows, keys: int, times: int) -> None:
        for _ in range(times):
            for key in range(keys):
                windows.count("api", key)

    many, few = Windows(300), Windows(300)
    assert_costs_at_most(5, lambda: count(many, 2 * rate_limit.MAX_KEYS, 1), lambda: count(few, 100, 1000))
