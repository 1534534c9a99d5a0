import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubkeep import repos
from hubkeep.wire.errors import header_text, renamed


@given(st.text())
def test_any_sentence_fits_into_a_header(text):
    shown = header_text(text)
    assert shown.isascii()
    assert "\n" not in shown
    assert len(shown) <= 1000


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/models/ada/old", "/api/models/eve/new"),
        ("/api/models/ADA/Old/tree/refs%2Fpr%2F1/a%20b", "/api/models/eve/new/tree/refs%2Fpr%2F1/a%20b"),
        ("/ada/old/resolve/main/ada/old", "/eve/new/resolve/main/ada/old"),
        ("/datasets/ada/old.git/info/refs", "/datasets/eve/new.git/info/refs"),
        ("/%61da/old", "/eve/new"),
        ("/api/repos/move", None),
        ("/ada", None),
        ("/", None),
    ],
)
def test_a_renamed_repository_is_found_in_any_spelling_of_the_path(path, expected):
    assert renamed(path, "ada/old", "eve/new") == expected


def test_a_call_that_names_the_old_name_in_its_body_is_told_and_not_sent_in_circles(house):
    house.make_repo(name="old")
    with house.stores.db.write() as tx:
        repos.move(tx, house.actor(), repos.Kind.MODEL, "ada/old", "ada/new")
    body = {"fromRepo": "ada/old", "toRepo": "ada/other", "type": "model"}
    answer = house.client.post("/api/repos/move", json=body, headers=house.auth())
    assert (answer.status_code, answer.headers["x-error-code"]) == (404, "RepoNotFound")
    assert "ada/new" in answer.json()["error"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/nothing", 404),
        ("GET", "/api/nothing/here", 404),
        ("GET", "/api/validate-yaml", 405),
        ("GET", "/%E4%F6", 400),
        ("GET", "/a%00b", 400),
        ("PATCH", "/api/whoami-v2", 405),
        ("GET", "/ada/nope/resolve/main/x", 401),
        ("POST", "/api/repos/create", 400),
    ],
)
def test_every_refusal_has_the_sentence_in_header_and_object(house, method, path, status):
    answer = house.client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["x-error-message"] == answer.json()["error"]
    assert "www-authenticate" not in answer.headers
    head = house.client.head(path)
    assert head.headers["x-error-message"]


def test_broken_json_is_told_with_its_place(house):
    headers = house.auth() | {"Content-Type": "application/json"}
    answer = house.client.post("/api/repos/create", content=b'{"name": ', headers=headers)
    assert answer.status_code == 400
    assert "not valid JSON" in answer.json()["error"]


def test_a_bad_token_is_its_own_answer_even_on_public_content(house):
    repo = house.make_repo()
    for header in ("Bearer hf_nope", "Bearer", "Digest x", "Basic !!!"):
        answer = house.client.get(
            f"/{repo.full_name}/resolve/main/.gitattributes", headers={"Authorization": header}
        )
        assert answer.status_code == 401, header
        assert answer.headers["x-error-message"] == "Invalid credentials in Authorization header"
        assert "x-error-code" not in answer.headers


def test_a_bug_is_logged_once_with_the_request_id_and_told_without_detail(house, caplog):
    with house.stores.db.write() as tx:
        tx.sql.exec_driver_sql("ALTER TABLE tokens RENAME TO elsewhere")
    for path in ("/api/whoami-v2", "/ada/repo/resolve/main/x"):
        caplog.clear()
        answer = house.client.get(path, headers=house.auth("eve") | {"X-Request-Id": "req-9"})
        assert (answer.status_code, "tokens" in answer.text) == (500, False)
        told = [record for record in caplog.records if record.exc_info]
        assert ["req-9" in record.getMessage() for record in told] == [True], path
