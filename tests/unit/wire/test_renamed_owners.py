"""Users and organizations that have another name: their old one leads to them everywhere, and is nobody else's."""

import pytest
import sqlalchemy as sa
from tests.clients.test_trusted_publishers import Issuer
from tests.unit.wire.conftest import add, large
from tests.unit.wire.server import serving
from tests.unit.wire.test_git import git

from hubkeep import accounts, repos
from hubkeep.accounts import NameTaken, NewToken, Role, Scopes, TokenRole
from hubkeep.accounts.tables import owners
from hubkeep.kit import BadInput
from hubkeep.kit.jobs import Worker
from hubkeep.opening import job_worker
from hubkeep.repos import Kind

BIG = b"many bytes " * 2000


@pytest.fixture
def renamed(house):
    """`reef` was an organization of ada's and is `tidewater` now; it owns `harbour`, and a private `dock`."""
    with house.stores.db.write() as tx:
        accounts.add_org(tx, "reef", {"ada": Role.ADMIN, "eve": Role.READ})
        house.people["ada"] = (accounts.actor_of(tx, house.actor().user_id, True), house.people["ada"][1])
    for name, private in (("harbour", False), ("dock", True)):
        repo = repos.create(
            house.stores, house.actor(), repos.NewRepo(Kind.MODEL, "reef", name, private=private)
        )
        house.hold(repo, BIG)
        house.commit(repo, add("README.md", b"# hello\n"), large("model.bin", BIG))
    rename(house, "reef", "tidewater")
    return house


def rename(house, old, new, who="ada"):
    with house.stores.db.write() as tx:
        return accounts.rename_org(tx, house.actor(who), old, new)


def jobs(house):
    worker: Worker = job_worker(house.stores)
    while worker.run_one():
        pass


MOVED = [
    ("/api/models/reef/harbour", "/api/models/tidewater/harbour"),
    (
        "/api/models/REEF/harbour/tree/main?recursive=true",
        "/api/models/tidewater/harbour/tree/main?recursive=true",
    ),
    ("/reef/harbour/resolve/main/README.md", "/tidewater/harbour/resolve/main/README.md"),
    ("/reef/harbour/raw/main/README.md", "/tidewater/harbour/raw/main/README.md"),
    (
        "/reef/harbour/info/refs?service=git-upload-pack",
        "/tidewater/harbour/info/refs?service=git-upload-pack",
    ),
    (
        "/reef/harbour.git/info/refs?service=git-upload-pack",
        "/tidewater/harbour.git/info/refs?service=git-upload-pack",
    ),
    ("/reef/harbour/tree/main", "/tidewater/harbour/tree/main"),
    ("/reef/harbour", "/tidewater/harbour"),
    ("/reef", "/tidewater"),
    ("/reef/members?x=1", "/tidewater/members?x=1"),
    ("/api/organizations/reef/overview", "/api/organizations/tidewater/overview"),
    ("/api/organizations/reef/members", "/api/organizations/tidewater/members"),
    ("/organizations/reef/settings/profile", "/organizations/tidewater/settings/profile"),
]


@pytest.mark.parametrize(("old", "new"), MOVED, ids=[old for old, _ in MOVED])
def test_an_old_address_leads_to_the_new_one(renamed, old, new):
    answer = renamed.client.get(old, headers=renamed.auth())
    assert (answer.status_code, answer.headers["location"]) == (307, new)


def test_calls_that_change_something_are_led_there_too(renamed):
    for path in ("/api/models/reef/harbour/commit/main", "/api/models/reef/harbour/preupload/main"):
        answer = renamed.client.post(path, headers=renamed.auth(), json={"files": []})
        assert (answer.status_code, answer.headers["location"]) == (307, path.replace("reef", "tidewater"))
    batch = {"operation": "download", "objects": [], "transfers": ["basic"]}
    answer = renamed.client.post(
        "/reef/harbour.git/info/lfs/objects/batch", headers=renamed.auth(), json=batch
    )
    assert answer.headers["location"] == "/tidewater/harbour.git/info/lfs/objects/batch"


def test_git_clones_and_pushes_by_the_old_address(renamed, tmp_path):
    with serving(renamed.app) as port:
        base = f"http://ada:{renamed.people['ada'][1]}@127.0.0.1:{port}"
        git("clone", "-q", f"{base}/reef/harbour", "here", cwd=tmp_path)
        (tmp_path / "here/new.txt").write_text("new\n")
        git("add", "new.txt", cwd=tmp_path / "here")
        git("commit", "-qm", "new", cwd=tmp_path / "here")
        git("push", "-q", "origin", "main", cwd=tmp_path / "here")
    answer = renamed.client.get("/tidewater/harbour/raw/main/new.txt")
    assert answer.content == b"new\n"


def test_what_is_private_looks_missing_under_the_old_name(renamed):
    for path, status in (("/api/models/reef/dock", 401), ("/reef/dock/resolve/main/README.md", 401)):
        answer = renamed.client.get(path)
        assert (answer.status_code, answer.headers["x-error-code"]) == (status, "RepoNotFound")
        assert "location" not in answer.headers
        assert renamed.client.get(path.replace("dock", "nothing")).text == answer.text.replace(
            "dock", "nothing"
        )


def test_names_in_a_body_or_a_query_may_be_the_old_ones(renamed):
    listed = renamed.client.get("/api/models?author=reef").json()
    assert [one["id"] for one in listed] == ["tidewater/harbour"]
    made = renamed.client.post(
        "/api/repos/create", headers=renamed.auth(), json={"name": "pier", "organization": "reef"}
    )
    assert made.json()["name"] == "tidewater/pier"
    again = renamed.client.post(
        "/api/repos/create", headers=renamed.auth(), json={"name": "pier", "organization": "reef"}
    )
    assert again.status_code == 409


def test_a_repository_that_moved_before_or_after_is_found_by_every_name_it_had(renamed):
    with renamed.stores.db.write() as tx:
        repos.move(tx, renamed.actor(), Kind.MODEL, "tidewater/harbour", "tidewater/port")
    for old in ("reef/harbour", "tidewater/harbour"):
        assert renamed.client.get(f"/api/models/{old}").headers["location"] == "/api/models/tidewater/port"
    rename(renamed, "tidewater", "high-tide")
    for old in ("reef/harbour", "tidewater/harbour", "reef/port", "tidewater/port"):
        assert renamed.client.get(f"/api/models/{old}").headers["location"] == "/api/models/high-tide/port"


def test_nobody_takes_the_old_name_and_its_owner_takes_it_back(renamed):
    with renamed.stores.db.write() as tx:
        for take in (accounts.add_user, lambda tx, name: accounts.add_org(tx, name, {})):
            with pytest.raises(NameTaken):
                take(tx, "Reef")
        with pytest.raises(NameTaken):
            accounts.rename_user(tx, accounts.COMMAND_LINE, "eve", "REEF")
    rename(renamed, "tidewater", "reef")
    assert renamed.client.get("/api/models/reef/harbour").status_code == 200
    assert renamed.client.get("/tidewater").headers["location"] == "/reef"


def test_other_capitals_are_no_other_name(renamed):
    rename(renamed, "tidewater", "TideWater")
    assert renamed.client.get("/api/models/tidewater/harbour").json()["id"] == "TideWater/harbour"
    with renamed.stores.db.read() as tx:
        assert (
            tx.sql.execute(sa.select(owners.c.fullname).where(owners.c.name == "TideWater")).scalar()
            == "TideWater"
        )


def test_nobody_hoards_names(renamed):
    name = "tidewater"
    for number in range(9):
        name = rename(renamed, name, f"name{number}").name
    with pytest.raises(BadInput, match="has had 10 other names"):
        rename(renamed, name, "one-more")
    assert rename(renamed, name, "reef").name == "reef"


def test_renaming_is_for_administrators_and_names_follow_the_rules(renamed):
    for who, new, refusal in (
        ("eve", "mine", accounts.NotAllowed),
        ("ada", "settings", BadInput),
        ("ada", "a--b", BadInput),
        ("ada", "eve", NameTaken),
    ):
        with pytest.raises(refusal):
            rename(renamed, "tidewater", new, who)
    assert renamed.client.get("/api/organizations/tidewater/overview").status_code == 200


def test_an_administrator_renames_by_the_api_and_everybody_hears_of_it(renamed):
    answer = renamed.client.request(
        "PATCH",
        "/api/organizations/tidewater",
        headers=renamed.auth(),
        json={"name": "high-tide", "details": "Boats"},
    )
    assert (answer.json()["name"], answer.json()["details"]) == ("high-tide", "Boats")
    with renamed.stores.db.read() as tx:
        log = accounts.audit_entries(tx, accounts.COMMAND_LINE, accounts.AuditFilter(kind="org.rename"))
    assert accounts.audit_sentence(log[0]) == "ada renamed tidewater to high-tide"
    jobs(renamed)
    found = renamed.client.get("/api/models?search=high-tide").json()
    assert [one["id"] for one in found] == ["high-tide/harbour"]
    assert renamed.client.get("/api/models?search=reef").json() == []


def test_what_goes_by_number_goes_on(renamed):
    """A token for the organization, one for a repository, and the role of a member."""
    with renamed.stores.db.write() as tx:
        org = accounts.owner_named(tx, "tidewater")
        scopes = Scopes(
            {accounts.Entity(accounts.EntityType.ORG, org.id): frozenset((accounts.Permission.REPO_READ,))}
        )
        new = NewToken("narrow", TokenRole.FINE_GRAINED, scopes)
        _, token = accounts.issue(tx, renamed.actor().user_id, new)
    rename(renamed, "tidewater", "high-tide")
    headers = {"Authorization": f"Bearer {token}"}
    assert renamed.client.get("/api/models/high-tide/dock", headers=headers).status_code == 200
    assert renamed.client.get("/api/models/tidewater/dock", headers=headers).status_code == 307
    assert renamed.client.get("/api/models/high-tide/dock", headers=renamed.auth("eve")).status_code == 200


def test_a_job_that_knows_only_the_old_name_still_publishes(make_house):
    issuer = Issuer()
    try:
        house = make_house(publishers={"issuers": [issuer.url]})
        repo = house.make_repo()
        with house.stores.db.write() as tx:
            where = (tx, house.actor(), repo.kind, repo.full_name)
            repos.add_publisher(*where, [issuer.url], issuer.url, {"project_path": "team/train"})
            accounts.rename_user(tx, accounts.COMMAND_LINE, "ada", "lovelace")
        token = issuer.token(house.hub.url, project_path="team/train")
        value, _ = repos.exchange_id_token(house.stores, accounts.STRANGER, token, repo.full_name)
    finally:
        issuer.close()
    told = house.client.get("/api/whoami-v2", headers={"Authorization": f"Bearer {value}"}).json()
    assert told["name"] == "lovelace"


def test_a_person_is_renamed_by_themselves_in_a_session_or_by_an_operator(house):
    house.make_repo("eve", name="notes")
    with house.stores.db.write() as tx:
        with pytest.raises(accounts.NotAllowed):
            accounts.rename_user(tx, house.actor("eve"), "eve", "evelyn")  # by a token
        assert accounts.rename_user(tx, accounts.COMMAND_LINE, "eve", "evelyn").fullname == "Eve"
    assert house.client.get("/api/whoami-v2", headers=house.auth("eve")).json()["name"] == "evelyn"
    for old, new in (
        ("/api/users/eve/overview", "/api/users/evelyn/overview"),
        ("/eve", "/evelyn"),
        ("/api/models/eve/notes", "/api/models/evelyn/notes"),
    ):
        assert house.client.get(old).headers["location"] == new


def test_a_name_that_exists_costs_no_query_more(renamed):
    asked = []
    sa.event.listen(renamed.stores.db._reader, "before_cursor_execute", lambda *seen: asked.append(seen[2]))
    for path in (
        "/api/models/tidewater/harbour",
        "/api/organizations/tidewater/overview",
        "/tidewater/harbour/resolve/main/README.md",
    ):
        assert renamed.client.get(path).status_code == 200
    assert asked
    assert not [query for query in asked if "former" in query]
