"""The hub as its operator sees it: first start, restart, several processes, the end."""

import re
import socket
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.clients.harness.content import noise
from tests.clients.harness.server import Server

LARGE = noise(3_000_000, 111)


def upload(api, repo):
    """Make a private repository with a large file and a small one."""
    api.create_repo(repo, private=True, exist_ok=True)
    api.upload_file(path_or_fileobj=LARGE, path_in_repo="large.bin", repo_id=repo)
    api.upload_file(path_or_fileobj=b"small", path_in_repo="small.txt", repo_id=repo)


def download(api, repo, tmp):
    """Tell whether both came back."""
    paths = [api.hf_hub_download(repo, name, cache_dir=tmp) for name in ("large.bin", "small.txt")]
    return [Path(path).read_bytes() for path in paths] == [LARGE, b"small"]


def test_everything_is_still_there_after_a_restart(tmp_path, clients):
    with Server(tmp_path / "hub") as hub:
        hub.add_users("ada")
        token = hub.make_tokens(ada="ada:write")["ada"]
        ada = clients.fresh("hub-2.4.0", hub.url, token)
        ada.run(upload, repo="ada/kept")
        told = re.findall(r"password\s+(\S+)", hub.tail(lines=1000))
        assert len(told) == 1
        hub.stop()
        hub.start()
        assert ada.run(download, repo="ada/kept")
        ada.run(upload, repo="ada/kept")  # nothing new: the same tip
        assert ada.run(lambda api: len(api.list_repo_commits("ada/kept"))) == 3
        assert re.findall(r"password\s+(\S+)", hub.tail(lines=1000)) == told  # shown once, at the first start
        ada.close()


def test_a_backup_taken_while_people_work_becomes_a_hub_again(tmp_path, clients):
    with Server(tmp_path / "hub") as hub:
        hub.add_users("ada")
        token = hub.make_tokens(ada="ada:write")["ada"]
        ada = clients.fresh("hub-2.4.0", hub.url, token)
        ada.run(upload, repo="ada/kept")
        hub.command("backup", str(tmp_path / "backup"))
        later = noise(500_000, 112)

        def after(api):
            api.upload_file(path_or_fileobj=later, path_in_repo="later.bin", repo_id="ada/kept")

        ada.run(after)
        hub.command("gc")
        hub.command("fsck", "--deep")
    with Server(
        tmp_path / "again", port=hub.port, public_url=hub.url, restored_from=tmp_path / "backup"
    ) as again:
        # The same address, token and client: its memory of what it sent knows of chunks that are not here.
        assert ada.run(download, repo="ada/kept")
        assert ada.run(lambda api: api.file_exists("ada/kept", "later.bin")) is False
        ada.run(after)
        fresh = clients.fresh("hub-2.4.0", again.url, token)
        path = "later.bin"
        assert fresh.run(lambda api: Path(api.hf_hub_download("ada/kept", path)).read_bytes()) == later
        again.command("fsck", "--deep")
        for one in (ada, fresh):
            one.close()


def test_two_server_processes_are_one_hub(tmp_path, clients):
    with Server(tmp_path / "hub", HUBKEEP_WORKERS="2") as hub:
        hub.add_users("ada")
        token = hub.make_tokens(ada="ada:write")["ada"]
        people = [clients.fresh("hub-2.4.0", hub.url, token) for _ in range(3)]

        def work(api, tmp, n):
            repo = f"ada/by-{n}"
            for step in range(5):
                upload(api, repo)
                api.upload_file(path_or_fileobj=b"%d" % step, path_in_repo="step.txt", repo_id=repo)
                path = api.hf_hub_download(repo, "step.txt", cache_dir=tmp)
                assert (
                    Path(path).read_bytes() == b"%d" % step
                )  # what was committed is seen by every process at once
            api.create_branch(repo, branch="dev")
            assert api.revision_exists(repo, "dev")
            return download(api, repo, tmp)

        results = at_once([lambda n=n, one=one: one.run(work, n=n) for n, one in enumerate(people)])
        assert results == [True, True, True]
        for one in people:
            one.close()


def test_commits_of_many_at_once_all_land(ada, bob, clients, hub, tokens, repo):
    """Nobody named a parent commit: whoever lost the race is applied to the new tip."""
    people = [clients.fresh("hub-2.4.0", hub.url, tokens["ada"]) for _ in range(4)]

    def create(api):
        api.create_repo(repo)

    def work(api, n):
        for step in range(6):
            api.upload_file(path_or_fileobj=b"%d" % step, path_in_repo=f"{n}/{step}.txt", repo_id=repo)

    ada.run(create)
    at_once([lambda n=n, one=one: one.run(work, n=n) for n, one in enumerate(people)])

    def state(api):
        return sorted(api.list_repo_files(repo)), len(api.list_repo_commits(repo))

    expected = sorted([".gitattributes", *(f"{n}/{step}.txt" for n in range(4) for step in range(6))])
    assert ada.run(state) == (expected, 25)
    for one in people:
        one.close()


def test_health_is_told_and_the_end_is_quick_even_with_open_connections(tmp_path):
    with Server(tmp_path / "hub") as hub:
        for path in ("/healthz", "/readyz"):
            with urllib.request.urlopen(hub.url + path, timeout=60) as reply:
                assert reply.status == 200
        idle = [socket.create_connection(("127.0.0.1", hub.port)) for _ in range(3)]
        idle[0].sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle[0].recv(1000).startswith(b"HTTP/1.1 200")
        idle[1].sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")  # never finished
        hub.stop()
        for one in idle:
            one.close()


@pytest.mark.parametrize("token", ["", "hf_", "hf_nobody", "Bearer", "x" * 5000])
def test_a_token_that_is_none_is_refused_even_where_none_is_needed(hub, token):
    request = urllib.request.Request(f"{hub.url}/api/models", headers={"Authorization": f"Bearer {token}"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=60)
    assert refused.value.code == 401
    assert refused.value.headers["X-Error-Message"] == "Invalid credentials in Authorization header"


def at_once(calls):
    """Run every call in a thread of its own and return the results in order."""
    with ThreadPoolExecutor(len(calls)) as threads:
        return [done.result() for done in [threads.submit(call) for call in calls]]
