"""Large files in parts: a hub whose parts are small, and every client that can send parts."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.clients.harness import venvs
from tests.clients.harness.content import noise
from tests.clients.harness.git import Git
from tests.clients.harness.node import run_story
from tests.clients.harness.server import Server
from tests.tools import swift_s3

LIMIT, PART = 5_000_000, 2_000_000
# Below the limit, at it, over it with a short last part, and a whole number of parts.
SIZE_IN_BUCKET = 11 << 20
SIZES = (LIMIT - 1, LIMIT, LIMIT + 1, 3 * PART)


class InParts(NamedTuple):
    """A hub that offers parts of 2 MB for files over 5 MB."""

    hub: Server
    tokens: dict[str, str]


@pytest.fixture(scope="module")
def in_parts(tmp_path_factory) -> Iterator[InParts]:
    folder = tmp_path_factory.mktemp("parts")
    with Server(folder, HUBKEEP_LFS__MULTIPART_BYTES=str(LIMIT), HUBKEEP_LFS__PART_BYTES=str(PART)) as hub:
        hub.add_users("ada", "eve")
        yield InParts(hub, hub.make_tokens(ada="ada:write", eve="eve:write"))


def test_parts_are_offered_above_the_limit(in_parts, clients):
    ada = clients.fresh("hub-2.4.0", in_parts.hub.url, in_parts.tokens["ada"], HF_HUB_DISABLE_XET="1")

    def story(hf, api):
        from huggingface_hub import lfs

        api.create_repo("ada/offers", exist_ok=True)
        offered = []
        for size in SIZES:
            add = hf.CommitOperationAdd("x.bin", noise(size, size))
            objects, _, _ = lfs.post_lfs_batch_info(
                [add.upload_info], api.token, "model", "ada/offers", endpoint=api.endpoint
            )
            header = objects[0]["actions"]["upload"].get("header", {})
            offered.append(len([key for key in header if key.isdigit()]))
        return offered

    assert ada.run(story) == [0, 0, 3, 3]
    ada.close()


@pytest.mark.parametrize("venv", ["hub-2.4.0", "hub-1.33.0", "hub-0.36.2"])
def test_python_clients_send_parts(in_parts, clients, venv):
    repo = f"ada/by-{venv.replace('.', '-')}"
    contents = {f"{size}.bin": noise(size, size + len(venv)) for size in SIZES}
    ada = clients.fresh(venv, in_parts.hub.url, in_parts.tokens["ada"], HF_HUB_DISABLE_XET="1")
    nobody = clients.fresh("hub-2.4.0", in_parts.hub.url, None)

    def up(api, tmp):
        api.create_repo(repo)
        for name, data in contents.items():
            (tmp / name).write_bytes(data)
            api.upload_file(path_or_fileobj=tmp / name, path_in_repo=name, repo_id=repo)

    def down(api):
        return {name: Path(api.hf_hub_download(repo, name)).read_bytes() for name in contents} == contents

    ada.run(up)
    assert nobody.run(down)
    ada.close()
    nobody.close()


def test_javascript_sends_parts(in_parts, tmp_path):
    run_story(
        "filesMakeTheJourney",
        in_parts.hub.url,
        in_parts.tokens["ada"],
        tmp_path,
        repo="ada/by-js",
        useXet=False,
    )


def test_the_agent_of_git_lfs_sends_parts(in_parts, clients, tmp_path):
    """`hf lfs-enable-largefiles` makes git-lfs hand files with parts to the client's own program."""
    programs = venvs.python_of("hub-2.4.0").parent
    ada = Git(in_parts.hub.url, in_parts.tokens["ada"], tmp_path / "git")
    ada.env["PATH"] = f"{programs}{os.pathsep}{ada.env['PATH']}"
    ada.env |= {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_UPDATE_CHECK": "1"}
    user = clients.fresh("hub-2.4.0", in_parts.hub.url, in_parts.tokens["ada"])
    user.run(lambda api: str(api.create_repo("ada/by-git")))
    clone = ada.clone("ada/by-git")
    user.program("hf", "lfs-enable-largefiles", clone)
    contents = {f"{size}.bin": noise(size, size + 7) for size in SIZES}
    for name, data in contents.items():
        (clone / name).write_bytes(data)
    ada.commit_all(clone)
    ada("push", cwd=clone)

    def down(api):
        return {
            name: Path(api.hf_hub_download("ada/by-git", name)).read_bytes() for name in contents
        } == contents

    assert user.run(down)
    again = Git(in_parts.hub.url, None, tmp_path / "again").clone("ada/by-git")
    assert {name: (again / name).read_bytes() for name in contents} == contents
    user.close()


@pytest.fixture(scope="module")
def in_bucket(tmp_path_factory) -> Iterator[InParts]:
    """A hub whose blobs live in a bucket, where parts go straight; S3 takes none under 5 MiB."""
    folder = tmp_path_factory.mktemp("bucket")
    with swift_s3.serving(folder / "swift") as endpoint:
        bucket = swift_s3.make_bucket(endpoint, "hub")
        settings = swift_s3.environment(bucket)
        settings |= {"HUBKEEP_LFS__MULTIPART_BYTES": str(LIMIT), "HUBKEEP_LFS__PART_BYTES": str(PART)}
        with Server(folder / "hub", **settings) as hub:
            hub.add_users("ada")
            yield InParts(hub, hub.make_tokens(ada="ada:write"))


@pytest.mark.parametrize("venv", ["hub-2.4.0", "hub-1.33.0", "hub-0.36.2"])
def test_python_clients_send_parts_straight_to_a_bucket(in_bucket, clients, venv):
    repo = f"ada/by-{venv.replace('.', '-')}"
    data = noise(SIZE_IN_BUCKET, len(venv))
    ada = clients.fresh(venv, in_bucket.hub.url, in_bucket.tokens["ada"], HF_HUB_DISABLE_XET="1")

    def up(api, tmp):
        api.create_repo(repo)
        (tmp / "x.bin").write_bytes(data)
        api.upload_file(path_or_fileobj=tmp / "x.bin", path_in_repo="x.bin", repo_id=repo)

    def down(api):
        return Path(api.hf_hub_download(repo, "x.bin")).read_bytes() == data

    ada.run(up)
    assert ada.run(down)
    ada.close()
    assert "PUT /ada/by-" not in in_bucket.hub.tail(lines=100_000)  # no bytes came to the hub
