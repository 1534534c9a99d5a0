"""Repositories are carried over from a hub that behaves as huggingface.co does, and as networks do."""

import hashlib
import random
import time
from collections import Counter
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from tests.clients.harness.server import Server
from tests.tools.front import Faults, Front
from tests.unit.web.furniture import Furniture

from hubkeep import accounts, repos
from hubkeep.accounts import NewToken, Role, TokenRole
from hubkeep.cli.import_hub import import_from
from hubkeep.cli.options import opened
from hubkeep.cli.remote import Remote
from hubkeep.repos import Kind

FIRST, SECOND = (random.Random(seed).randbytes(400_000) for seed in (61, 62))
NAMES = ["acme/net", "datasets/acme/rows", "spaces/acme/app"]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A real hub with an organization, and the token of somebody who sees its private repositories."""
    folder = tmp_path_factory.mktemp("source")
    with opened(folder / "data") as stores:
        with stores.db.write() as tx:
            ada = accounts.add_user(tx, "ada", "ada@example.org")
            accounts.add_org(tx, "acme", {"ada": Role.ADMIN}, fullname="Acme Nets")
            token = accounts.issue(tx, ada.id, NewToken("import", TokenRole.READ))[1]
        with stores.db.read() as tx:
            actor = accounts.actor_of(tx, ada.id, can_write=True)
        house = Furniture(stores, actor)
        net = house.repo("acme/net", files={"README.md": b"---\nlicense: mit\n---\n# Net\n"})
        house.commit_lines(net, [house.large(net, "net.bin", FIRST)], "Train")
        house.commit_lines(net, [house.large(net, "net.bin", SECOND)], "Train longer")
        repos.create_tag(stores, actor, Kind.MODEL, "acme/net", "v1", "main", "the first")
        house.repo("acme/rows", Kind.DATASET, {"rows.csv": b"a\n1\n"}, private=True)
        house.repo("acme/app", Kind.SPACE, {"index.html": b"<h1>hi</h1>"})
        for number in range(5):
            house.repo(f"acme/small-{number}")
    with Server(folder) as server:
        yield server, token


@pytest.fixture
def front(source):
    with Front(source[0].address) as made:
        yield made


@pytest.fixture
def here(tmp_path):
    with ExitStack() as stack:
        yield stack.enter_context(opened(tmp_path / "here"))


@pytest.fixture(autouse=True)
def waited(monkeypatch):
    waits: list[float] = []
    real = time.sleep

    def sleep(seconds):
        waits.append(seconds)
        real(min(seconds, 0.01))

    monkeypatch.setattr(time, "sleep", sleep)
    return waits


@pytest.fixture
def remote(front, source):
    return Remote(front.url, source[1])


def bytes_of(stores, name, path, revision="main"):
    with stores.db.read() as tx:
        at = repos.resolve(tx, accounts.COMMAND_LINE, stores, Kind.MODEL, name, revision, path, body=True)
        return at.data if at.local is None else at.local.read_bytes()


def test_an_organization_comes_over_from_a_hub_that_is_busy_and_breaks_off(front, remote, here, waited):
    front.faults = Faults(
        busy=3,
        cut_json=2,
        cut_files=[100_000, 50_000, 0],
        cut_packs=1,
        page=2,
        left_out={"createdAt", "gated", "sdk"},
    )
    done = import_from(here, remote, ["acme"])
    assert done.refused == {}
    assert len(done.made) == 8
    assert set(NAMES) <= set(done.made)
    assert waited.count(8) == 3  # one second more than `RateLimit` tells
    assert bytes_of(here, "acme/net", "net.bin") == SECOND
    assert list(repos.fsck(here, Counter(), deep=True)) == []
    with here.db.read() as tx:
        assert accounts.owner_named(tx, "acme").fullname == "Acme Nets"
        assert repos.get(tx, accounts.COMMAND_LINE, Kind.DATASET, "acme/rows").private is True
        assert repos.get(tx, accounts.COMMAND_LINE, Kind.SPACE, "acme/app").sdk == "static"
    assert again_known(here, remote) == 8


def again_known(here, remote):
    return len(import_from(here, remote, ["acme"]).known)


def test_the_token_is_shown_to_the_hub_only(front, remote, here, source):
    front.faults.cut_files = [1000]
    assert import_from(here, remote, ["acme/net"]).refused == {}
    assert any(asked.headers.get("Authorization") == f"Bearer {source[1]}" for asked in front.asked)
    assert len(front.asked_network) == 3
    assert [one for one in front.asked_network if source[1] in f"{one.path}{one.headers}"] == []
    assert all("Authorization" not in asked.headers for asked in front.asked_network)


def test_git_follows_nobody_to_another_host(front, remote, here):
    """git would take the token along: it is not led anywhere."""
    front.faults.git_elsewhere = True
    done = import_from(here, remote, ["acme/net"])
    assert "led elsewhere" in done.refused["acme/net"]
    assert front.asked_network == []


def test_downloads_go_on_where_they_broke_off(front, remote, here):
    front.faults.cut_files = [100_000, 50_000]
    assert import_from(here, remote, ["acme/net"]).refused == {}
    ranges = [asked.headers.get("Range") for asked in front.asked_network]
    assert [one for one in ranges if one] == ["bytes=100000-", "bytes=150000-"]


def test_a_delivery_network_that_knows_no_ranges_sends_all_again(front, remote, here):
    front.faults = Faults(cut_files=[100_000], whole=True)
    assert import_from(here, remote, ["acme/net"]).refused == {}
    assert bytes_of(here, "acme/net", "net.bin") == SECOND


def test_addresses_that_expired_are_asked_for_anew(front, remote, here):
    front.faults.expired = 1
    assert import_from(here, remote, ["acme/net"]).refused == {}
    batches = [asked for asked in front.asked if urlsplit(asked.path).path.endswith("/batch")]
    assert len(batches) == 2


def test_addresses_that_are_refused_for_good_end_the_import_of_one(front, remote, here):
    front.faults.expired = 100
    done = import_from(here, remote, ["acme/net", "acme/small-0"])
    assert "403" in done.refused["acme/net"]
    assert "Signature" not in done.refused["acme/net"]
    assert done.made == ["acme/small-0"]
    assert len(front.asked_network) == 2


def test_a_repository_that_was_renamed_comes_under_its_name_of_today(front, remote, here):
    front.faults.renamed = {"acme/old": "acme/net"}
    done = import_from(here, remote, ["acme/old"])
    assert (done.refused, done.made) == ({}, ["acme/old"])
    with here.db.read() as tx:
        assert repos.by_name(tx, Kind.MODEL, "acme/net") is not None
    assert import_from(here, remote, ["acme/old"]).known == ["acme/old"]


def test_a_gate_is_told_in_the_hub_s_own_words_and_stops_nobody_else(front, remote, here):
    front.faults.gated = {"acme/net"}
    done = import_from(here, remote, ["acme/net", "acme/small-1"])
    assert "403" in done.refused["acme/net"]
    assert done.made == ["acme/small-1"]


def test_what_needs_a_token_says_where_it_goes(front, here):
    done = import_from(here, Remote(front.url), ["datasets/acme/rows"])
    assert "IMPORT_TOKEN" in done.refused["datasets/acme/rows"]


def test_an_import_that_was_killed_goes_on_at_the_byte(front, remote, here):
    """What a killed process leaves: history and half a file in the scratch folder."""
    front.faults.cut_files = [100_000, *[0] * 40]
    assert "broke off" in import_from(here, remote, ["acme/net"]).refused["acme/net"]
    parts = list(here.scratch.rglob("*.part"))
    assert [part.stat().st_size for part in parts] == [100_000]
    front.faults.cut_files = []
    seen = len(front.asked_network)
    assert import_from(here, remote, ["acme/net"]).made == ["acme/net"]
    assert "bytes=100000-" in [asked.headers.get("Range") for asked in front.asked_network[seen:]]
    assert hashlib.sha256(bytes_of(here, "acme/net", "net.bin")).digest() == hashlib.sha256(SECOND).digest()
    assert [path for path in here.scratch.rglob("*") if path.is_file()] == []
