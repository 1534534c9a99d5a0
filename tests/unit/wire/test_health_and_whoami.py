import shutil

from hubkeep import accounts
from hubkeep.accounts import Role


def test_healthz_answers_without_anything_else(house):
    assert house.client.get("/healthz").text == "ok\n"
    assert house.client.head("/healthz").status_code == 200


def test_readyz_names_what_does_not_answer(house):
    assert house.client.get("/readyz").status_code == 200
    with house.stores.db.write() as tx:
        tx.sql.exec_driver_sql("ALTER TABLE tokens RENAME TO elsewhere")
    answer = house.client.get("/readyz")
    assert (answer.status_code, "database" in answer.json()["error"]) == (503, True)
    with house.stores.db.write() as tx:
        tx.sql.exec_driver_sql("ALTER TABLE elsewhere RENAME TO tokens")
    shutil.rmtree(house.hub.settings.data / "blobs")
    answer = house.client.get("/readyz")
    assert (answer.status_code, "blob store" in answer.json()["error"]) == (503, True)


def test_whoami_tells_name_organizations_and_token(house):
    with house.stores.db.write() as tx:
        accounts.add_org(tx, "lab", {"ada": Role.WRITE}, fullname="The Lab")
    me = house.client.get("/api/whoami-v2", headers=house.auth("reader")).json()
    assert (me["type"], me["name"], me["fullname"], me["email"]) == ("user", "ada", "Ada", "ada@example.org")
    assert me["auth"]["type"] == "access_token"
    token = me["auth"]["accessToken"]
    assert (token["displayName"], token["role"]) == ("reading", "read")
    assert token["createdAt"].endswith("Z")
    (lab,) = me["orgs"]
    assert (lab["type"], lab["name"], lab["roleInOrg"]) == ("org", "lab", "write")
    assert len(me["id"]) == len(lab["id"]) == 24
    assert house.client.get("/api/whoami", headers=house.auth("reader")).json() == me


def test_whoami_of_nobody_and_of_a_bad_token(house):
    assert house.client.get("/api/whoami-v2").status_code == 401
    answer = house.client.get("/api/whoami-v2", headers={"Authorization": "Bearer hf_nope"})
    assert answer.status_code == 401
    assert answer.headers["x-error-message"] == "Invalid credentials in Authorization header"
