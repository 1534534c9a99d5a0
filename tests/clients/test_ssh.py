"""git and git-lfs over SSH, by the real `ssh`: its keys, its checks, its pipes."""

import subprocess

import pytest
from tests.clients.harness.content import mixed, noise
from tests.clients.harness.git import Git
from tests.clients.harness.server import Server
from tests.tools.ports import free_port

LARGE = mixed(12_000_000, 81)


@pytest.fixture(scope="module")
def ssh_hub(tmp_path_factory):
    """A hub that listens for ssh too, with a model of ada's and a private one."""
    port = free_port()
    server = Server(tmp_path_factory.mktemp("ssh-hub"), HUBKEEP_SSH__PORT=str(port))
    with server:
        server.add_users("ada", "eve")
        yield server, port
    assert server.surprises() == []


class Over:
    """One person with a key, and git that goes by ssh. `others` are keys that nobody has added."""

    def __init__(self, hub: Server, port: int, person: str, folder, *, added: bool = True) -> None:
        self.git = Git(hub.url, None, folder / f"git-{person}")
        self.at = f"ssh://git@127.0.0.1:{port}"
        key = folder / f"key-{person}"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", person, "-f", key], check=True)
        self.public = key.with_suffix(".pub").read_text()
        if added:
            hub.command("key", "add", person, stdin=self.public)
        options = f"-i {key} -o IdentitiesOnly=yes -o BatchMode=yes -o UserKnownHostsFile={folder}/known"
        self.ssh = ["ssh", *options.split(), "-o", "StrictHostKeyChecking=accept-new", "-F", "/dev/null"]
        self.git.env |= {"GIT_SSH_COMMAND": " ".join(self.ssh)}
        self.port = port

    def clone(self, repo: str, name: str = "clone", *, ok: bool = True):
        said = self.git("clone", f"{self.at}/{repo}", name, ok=ok)
        return self.git.home / name if ok else said

    def run(self, *command: str, user: str = "git") -> subprocess.CompletedProcess[str]:
        line = [*self.ssh, "-p", str(self.port), f"{user}@127.0.0.1", *command]
        return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def people(ssh_hub, tmp_path_factory):
    hub, port = ssh_hub
    folder = tmp_path_factory.mktemp("people")
    return {person: Over(hub, port, person, folder) for person in ("ada", "eve")}


@pytest.fixture(scope="module")
def made(ssh_hub, clients):
    """Create ada's repositories by the real client."""
    hub, _ = ssh_hub
    token = hub.make_tokens(ada="ada:write")["ada"]
    client = clients.fresh("hub-2.4.0", hub.url, token)

    def create(api):
        api.create_repo("ada/open")
        api.create_repo("ada/closed", private=True)
        api.create_repo("ada/old-name", repo_type="dataset")
        api.move_repo("ada/old-name", "ada/new-name", repo_type="dataset")

    client.run(create)
    yield client
    client.close()


def test_a_push_with_a_large_file_comes_back_by_ssh_and_by_the_client(people, made):
    ada, eve = people["ada"], people["eve"]
    clone = ada.clone("ada/open")
    (clone / "model.safetensors").write_bytes(LARGE)
    (clone / "notes.txt").write_text("by ssh\n")
    ada.git.commit_all(clone)
    ada.git("push", cwd=clone)
    other = eve.clone("ada/open.git", "of-ada")
    assert (other / "model.safetensors").read_bytes() == LARGE
    assert ada.git("log", "-1", "--format=%H", cwd=clone) == eve.git("log", "-1", "--format=%H", cwd=other)

    def look(api):
        from pathlib import Path

        return Path(api.hf_hub_download("ada/open", "model.safetensors")).read_bytes()

    assert made.run(look) == LARGE


def test_branches_are_made_fetched_and_deleted(people, made):
    ada = people["ada"]
    clone = ada.clone("ada/open", "branches")
    ada.git("checkout", "-q", "-b", "side", cwd=clone)
    (clone / "side.bin").write_bytes(noise(50_000, 82))
    ada.git.commit_all(clone)
    ada.git("push", "-u", "origin", "side", cwd=clone)
    assert "everything up-to-date" in ada.git("push", cwd=clone).lower()
    shallow = ada.git.home / "shallow"
    ada.git("clone", "--depth", "1", "-b", "side", f"{ada.at}/ada/open", shallow)
    assert ada.git("rev-list", "--count", "HEAD", cwd=shallow).strip() == "1"
    ada.git("push", "origin", "--delete", "side", cwd=clone)
    assert "side" not in ada.git("ls-remote", cwd=clone)


def test_the_old_name_of_a_repository_still_works(people, made):
    clone = people["ada"].clone("datasets/ada/old-name", "moved")
    assert (clone / ".gitattributes").exists()


def test_who_may_not_write_is_told_so_in_words(people, made):
    eve = people["eve"]
    clone = eve.clone("ada/open", "not-mine")
    (clone / "mine.txt").write_text("x")
    eve.git.commit_all(clone)
    assert "You are not allowed to push to ada/open" in eve.git("push", cwd=clone, ok=False)


def test_a_private_repository_looks_missing_to_others(people, made):
    said = people["eve"].clone("ada/closed", "closed", ok=False)
    missing = people["eve"].clone("ada/nothing", "nothing", ok=False)
    assert "not found" in said
    assert said.replace("closed", "?") == missing.replace("nothing", "?")
    assert people["ada"].clone("ada/closed", "mine").is_dir()
    told = people["eve"].run("git-lfs-authenticate ada/closed download")
    assert (told.returncode, "not found" in told.stderr) == (1, True)


def test_a_key_that_nobody_added_opens_nothing(ssh_hub, made, tmp_path):
    hub, port = ssh_hub
    stranger = Over(hub, port, "stranger", tmp_path, added=False)
    assert "Permission denied (publickey)" in stranger.clone("ada/open", ok=False)


def test_there_is_no_shell_no_other_command_and_no_other_user(people, made):
    ada = people["ada"]
    hello = ada.run()
    assert (hello.returncode, "Hello ada" in hello.stderr) == (1, True)
    for command in (
        "ls /",
        "git-upload-archive ada/open",
        "git-upload-pack '../../etc'",
        "git-upload-pack",
        "'",
    ):
        refused = ada.run(command)
        assert refused.returncode == 1, command
        assert refused.stderr.startswith("hubkeep: "), refused.stderr
        assert refused.stdout == ""
    assert "Permission denied" in ada.run("git-upload-pack ada/open", user="root").stderr


def test_a_key_belongs_to_one_person(ssh_hub, people):
    hub, _ = ssh_hub
    with pytest.raises(RuntimeError, match="in use already"):
        hub.command("key", "add", "eve", stdin=people["ada"].public)
