"""hf_xet through the newest client: large files by content-defined chunks."""

import hashlib
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.clients.harness.client import Client, Clients
from tests.clients.harness.content import mixed, noise
from tests.clients.harness.proxy import Wire
from tests.clients.harness.server import Server
from tests.tools.ports import free_port

MB = 1_000_000


class Watched(NamedTuple):
    """A hub that is reached only through a wire that counts."""

    hub: Server
    wire: Wire
    tokens: dict[str, str]
    clients: Clients

    def client(self, user: str, **env: str) -> Client:
        """Return a client with nothing cached."""
        return self.clients.fresh("hub-2.4.0", self.wire.url, self.tokens[user], **env)


@pytest.fixture(scope="module")
def watched(tmp_path_factory) -> Iterator[Watched]:
    """Everything goes through the wire: it is the hub's public URL, so the addresses of chunks lead there too.

    A signed link to chunks lives for two seconds.
    """
    port, folder = free_port(), tmp_path_factory.mktemp("watched")
    with (
        Wire(port) as wire,
        Server(folder, port=port, public_url=wire.url, HUBKEEP_XET__FETCH_SECONDS="2") as hub,
    ):
        hub.add_users("ada", "eve")
        tokens = hub.make_tokens(ada="ada:write", eve="eve:write")
        yield Watched(hub, wire, tokens, Clients(tmp_path_factory.mktemp("watching")))


def upload(api, tmp, repo, contents, **create):
    """Upload each content under its name, as files; large ones travel by Xet."""
    api.create_repo(repo, exist_ok=True, **create)
    for name, data in contents.items():
        (tmp / name).write_bytes(data)
        api.upload_file(path_or_fileobj=tmp / name, path_in_repo=name, repo_id=repo)


def test_a_mixed_file_of_30_megabytes_makes_the_journey(ada, fresh, repo):
    content = mixed(30 * MB, 3)

    def up(api, tmp):
        upload(api, tmp, repo, {"big.bin": content})
        [info] = api.get_paths_info(repo, "big.bin")
        return info.size, info.lfs.sha256, len(info.xet_hash)

    def down(api):
        return Path(api.hf_hub_download(repo, "big.bin")).read_bytes() == content

    assert ada.run(up) == (len(content), hashlib.sha256(content).hexdigest(), 64)
    assert fresh("eve").run(down)
    assert fresh(None).run(down)


@pytest.mark.parametrize("size", [0, 1, 2, 7, 8_191, 8_192, 8_193, 65_536, 131_072, 131_073, 1 << 20])
def test_files_of_every_awkward_size_come_back(ada, fresh, repo, size):
    content = noise(size, size)

    def up(api, tmp):
        upload(api, tmp, repo, {"x.bin": content})

    def down(api):
        return Path(api.hf_hub_download(repo, "x.bin")).read_bytes() == content

    ada.run(up)
    assert fresh(None).run(down)
    assert fresh(None, HF_HUB_DISABLE_XET="1").run(down)


def test_a_file_of_one_repeated_chunk_comes_back(ada, fresh, repo):
    content = bytes(20 * MB)

    def up(api, tmp):
        upload(api, tmp, repo, {"zeros.bin": content})

    def down(api):
        return Path(api.hf_hub_download(repo, "zeros.bin")).read_bytes() == content

    ada.run(up)
    assert fresh(None).run(down)
    assert fresh(None, HF_HUB_DISABLE_XET="1").run(down)


def test_the_hash_that_the_hub_tells_is_the_hash_of_the_content(ada, repo):
    content = mixed(3 * MB, 9)

    def story(hf, api, tmp):
        import hf_xet

        upload(api, tmp, repo, {"x.bin": content})
        [local] = hf_xet.hash_files([str(tmp / "x.bin")])
        found = hf.get_hf_file_metadata(hf.hf_hub_url(repo, "x.bin"))
        [info] = api.get_paths_info(repo, "x.bin")
        return {local.hash, found.xet_file_data.file_hash, info.xet_hash}

    assert len(ada.run(story)) == 1


def test_the_same_content_again_sends_nothing_new(watched):
    content = noise(20 * MB, 5)
    first, second = watched.client("ada"), watched.client("ada")

    def up(api, tmp, name):
        upload(api, tmp, name, {"x.bin": content})
        return Path(api.hf_hub_download(name, "x.bin", cache_dir=tmp / "c")).read_bytes() == content

    watched.wire.reset()
    assert first.run(up, name="ada/once")
    assert watched.wire.up > len(content)
    watched.wire.reset()
    assert first.run(up, name="ada/twice")  # what this machine remembers
    assert watched.wire.up < 0.02 * len(content)
    watched.wire.reset()
    assert second.run(up, name="ada/thrice")  # what the hub tells another machine of hers
    assert watched.wire.up < 0.5 * len(content)
    first.close()
    second.close()


def test_a_few_bytes_inserted_into_60_megabytes_send_less_than_a_fiftieth(watched):
    content = noise(60 * MB, 6)
    changed = content[: 20 * MB] + b"a few bytes" + content[20 * MB :]
    client = watched.client("ada")

    def up(api, tmp, data):
        upload(api, tmp, "ada/edited", {"x.bin": data})

    def down(api, tmp):
        return Path(api.hf_hub_download("ada/edited", "x.bin", cache_dir=tmp)).read_bytes() == changed

    client.run(up, data=content)
    watched.wire.reset()
    client.run(up, data=changed)
    assert watched.wire.up < len(content) / 50
    assert client.run(down)
    client.close()


def test_nobody_learns_that_somebody_keeps_the_same_content_in_private(watched):
    """Eve uploads what ada keeps private: no chunk of it is known to her, so all of it travels."""
    content = noise(10 * MB, 12)
    ada, eve = watched.client("ada"), watched.client("eve")

    def up(api, tmp, repo):
        upload(api, tmp, repo, {"x.bin": content}, private=True)
        return Path(api.hf_hub_download(repo, "x.bin", cache_dir=tmp / "c")).read_bytes() == content

    assert ada.run(up, repo="ada/hidden")
    watched.wire.reset()
    assert eve.run(up, repo="eve/hidden")
    assert watched.wire.up > len(content)
    ada.close()
    eve.close()


def test_a_link_that_expired_on_the_way_is_asked_for_again(watched):
    content = noise(3 * MB, 14)
    ada, other = watched.client("ada"), watched.client("ada")

    def up(api, tmp):
        upload(api, tmp, "ada/late", {"x.bin": content})

    def down(api):
        return Path(api.hf_hub_download("ada/late", "x.bin")).read_bytes() == content

    ada.run(up)
    watched.wire.hold_once(b"/fetch/", 3.5)
    assert other.run(down)
    assert watched.wire.has_held
    log = watched.hub.tail(lines=30)
    assert re.search(r"GET \S+/fetch/\S+ 403 ", log), log
    ada.close()
    other.close()


def test_two_private_repositories_with_the_same_content_live_apart(ada, eve, repo):
    content = noise(2 * MB, 13)
    hers = f"eve/{repo.partition('/')[2]}"

    def up(api, tmp, name):
        upload(api, tmp, name, {"x.bin": content}, private=True)

    def down(api, tmp, name):
        return Path(api.hf_hub_download(name, "x.bin", cache_dir=tmp)).read_bytes() == content

    def delete(api):
        api.delete_repo(repo)

    ada.run(up, name=repo)
    eve.run(up, name=hers)
    assert ada.run(down, name=repo)
    ada.run(delete)
    assert eve.run(down, name=hers)


def test_a_folder_of_forty_files_shares_its_chunks(ada, fresh, repo):
    contents = {f"shard-{n:02}.bin": noise(40_000 + n, n % 30) for n in range(40)}

    def up(hf, api, tmp):
        (tmp / "f").mkdir()
        for name, data in contents.items():
            (tmp / "f" / name).write_bytes(data)
        api.create_repo(repo)
        api.upload_folder(repo_id=repo, folder_path=tmp / "f")
        return len(api.list_repo_commits(repo))

    def down(api):
        folder = Path(api.snapshot_download(repo))
        return {name: (folder / name).read_bytes() for name in contents} == contents

    assert ada.run(up) == 2
    assert fresh(None).run(down)
    assert fresh(None, HF_HUB_DISABLE_XET="1").run(down)


@pytest.mark.parametrize(
    ("up_without", "down_without"),
    [("1", ""), ("", "1"), ("1", "1")],
    ids=["LFS up, Xet down", "Xet up, HTTP down", "LFS up, HTTP down"],
)
def test_the_way_up_does_not_decide_the_way_down(fresh, repo, up_without, down_without):
    contents = {"a.bin": mixed(12 * MB, 21), "b.safetensors": noise(100_000, 22), "c.txt": b"text"}

    def up(api, tmp):
        upload(api, tmp, repo, contents)

    def down(api):
        return {name: Path(api.hf_hub_download(repo, name)).read_bytes() for name in contents} == contents

    def snapshot(api):
        folder = Path(api.snapshot_download(repo))
        return {name: (folder / name).read_bytes() for name in contents} == contents

    fresh("ada", HF_HUB_DISABLE_XET=up_without).run(up)
    assert fresh(None, HF_HUB_DISABLE_XET=down_without).run(down)
    assert fresh(None, HF_HUB_DISABLE_XET=down_without).run(snapshot)


def test_what_came_by_lfs_is_a_no_op_by_xet_and_the_other_way_round(fresh, repo):
    content = noise(3 * MB, 25)

    def up(api, tmp):
        upload(api, tmp, repo, {"x.bin": content})
        return api.model_info(repo).sha

    assert len({fresh("ada", HF_HUB_DISABLE_XET=without).run(up) for without in ("1", "", "1")}) == 1


def test_a_file_is_fetched_by_its_hash_alone(ada, repo):
    """Without knowing the size, hf_xet asks for three windows; those past the end must be refused with 416."""
    content = noise(4 * MB, 26)

    def story(hf, api, tmp):
        upload(api, tmp, repo, {"x.bin": content})
        found = hf.get_hf_file_metadata(hf.hf_hub_url(repo, "x.bin"))
        hf.file_download.xet_get(
            incomplete_path=tmp / "back.bin",
            xet_file_data=found.xet_file_data,
            headers=hf.utils.build_hf_headers(),
            expected_size=None,
        )
        return (tmp / "back.bin").read_bytes() == content

    assert ada.run(story)


def test_a_sharing_of_chunks_survives_the_deletion_of_its_first_owner(ada, fresh, repo):
    shared = noise(3 * MB, 27)

    def first(api, tmp):
        upload(api, tmp, f"{repo}-first", {"x.bin": shared})

    def second(api, tmp):
        upload(api, tmp, f"{repo}-second", {"y.bin": shared + b"and more"})
        api.delete_repo(f"{repo}-first")

    def down(api):
        return Path(api.hf_hub_download(f"{repo}-second", "y.bin")).read_bytes() == shared + b"and more"

    ada.run(first)
    ada.run(second)
    assert fresh(None).run(down)


def test_uploads_of_two_at_once_do_not_disturb_each_other(fresh, repo):
    """The same bytes at the same moment into two repositories, by two processes."""
    content = noise(15 * MB, 28)
    people = [fresh("ada"), fresh("ada")]

    def up(api, tmp, name):
        upload(api, tmp, name, {"x.bin": content})
        return Path(api.hf_hub_download(name, "x.bin", cache_dir=tmp / "c")).read_bytes() == content

    with ThreadPoolExecutor() as threads:
        results = list(threads.map(lambda n: people[n].run(up, name=f"{repo}-{n}"), range(2)))
    assert results == [True, True]
