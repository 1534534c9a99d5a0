"""Large files behind a gate: knowing a hash grants nothing, and what was handed out ends with the access."""

import pytest
from tests.unit.cas.build import Cut, File, noise, shard
from tests.unit.wire import lfs_client as lfs
from tests.unit.wire.conftest import large
from tests.unit.wire.xet_client import Cas, ask_token

from hubkeep import accounts, repos
from hubkeep.accounts import Scopes, TokenRole
from hubkeep.cas.hashing import to_hex
from hubkeep.repos import AccessStatus, Changes, Whose

DATA = noise(400_000)


@pytest.fixture
def gated(house):
    """A gated model of ada's that holds one file by Xet and one whole."""
    repo = house.make_repo()
    Cas(house, repo).upload(DATA)
    house.hold(repo, lfs.BODY)
    house.commit(repo, large("w.bin", DATA), large("b.bin", lfs.BODY))
    write(house, repos.update_settings, repo, Changes(gated="manual"))
    return repo


def write(house, verb, repo, *more):
    with house.stores.db.write() as tx:
        return verb(tx, house.actor(), repo.kind, repo.full_name, *more)


def grant(house, repo):
    write(house, repos.grant_access, repo, Whose("eve"))


def revoke(house, repo):
    write(house, repos.handle_access_request, repo, Whose("eve"), AccessStatus.REJECTED)


@pytest.mark.parametrize(("who", "status"), [("eve", 403), (None, 401)])
def test_no_token_and_no_link_is_handed_out(house, gated, who, status):
    for answer in (
        ask_token(house, gated, "read", who),
        ask_token(house, gated, "write", who, "None", "?create_pr=1")
        if who
        else lfs.batch(house, gated, "download", who=who),
        lfs.batch(house, gated, "download", who=who),
        lfs.batch(house, gated, "upload", who=who, ref={"name": "refs/pr/1"}),
    ):
        assert answer.status_code == status
        assert answer.headers["x-error-code"] == "GatedRepo"


def test_what_was_handed_out_ends_with_the_access(house, gated):
    grant(house, gated)
    down = Cas(house, gated, "read", "eve")
    href = lfs.link(lfs.batch(house, gated, "download", who="eve"), "download")
    name = Cut(DATA).file
    assert down.rebuild(name) == DATA
    assert house.client.get(href).content == lfs.BODY
    url = f"/{gated.full_name}/resolve/main/b.bin"
    assert house.client.head(url, headers=house.auth("eve")).status_code == 200
    revoke(house, gated)
    assert house.client.head(url, headers=house.auth("eve")).status_code == 403
    assert down.plan(name).status_code == 403
    assert house.client.get(href).status_code == 403


def test_nobody_takes_a_gated_file_through_a_repository_of_their_own(house, gated):
    mine = house.make_repo("eve")
    cut, here = Cut(DATA), Cas(house, mine, who="eve")
    chunk = to_hex(cut.hashes[:32])
    assert here.call("GET", f"/v1/chunks/default/{chunk}").status_code == 404
    assert here.send_shard(shard(File.of(cut)))[-1]["type"] == "error"
    assert Cas(house, mine, "read", "eve").plan(cut.file).status_code == 404
    grant(house, gated)
    here = Cas(house, mine, who="eve")
    assert here.call("GET", f"/v1/chunks/default/{chunk}").status_code == 200
    assert here.send_shard(shard(File.of(cut)))[-1] == {"type": "result"}


def test_large_files_are_not_copied_out_by_the_server(house, gated):
    mine = house.make_repo("eve")
    body = {"target": {"type": "model", "name": mine.full_name}, "files": [{"sha256": lfs.SHA}]}
    url = f"/api/models/{gated.full_name}/lfs-files/duplicate"
    assert house.client.post(url, json=body, headers=house.auth("eve")).status_code == 403
    grant(house, gated)
    assert house.client.post(url, json=body, headers=house.auth("eve")).status_code == 200


@pytest.mark.parametrize("reads_gated", [True, False])
def test_a_fine_grained_token_reads_gated_repositories_if_it_says_so(house, gated, reads_gated):
    grant(house, gated)
    with house.stores.db.write() as tx:
        new = accounts.NewToken("fine", TokenRole.FINE_GRAINED, scopes=Scopes(gated=reads_gated))
        _, value = accounts.issue(tx, house.actor("eve").user_id, new)
    auth = {"Authorization": f"Bearer {value}"}
    answer = house.client.get(f"/{gated.full_name}/resolve/main/b.bin", headers=auth)
    assert answer.status_code == (200 if reads_gated else 403)
    down = house.client.get(f"/api/models/{gated.full_name}/auth-check", headers=auth)
    assert down.status_code == answer.status_code
