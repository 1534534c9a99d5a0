"""Commands as somebody at a keyboard meets them: wrong folders, wrong words, lists for programs."""

import json
import sys

import pytest
import typer
from tests.unit.cli.test_operators import Commands
from typer.testing import CliRunner

from hubkeep.cli import app, main
from hubkeep.kit import HubError

LOOKING = [
    "user list",
    "user disable ada",
    "user enable ada",
    "user operator ada",
    "user quota ada",
    "user reset-password ada",
    "user reset-factor ada",
    "token add ada --name x --role read",
    "token list ada",
    "token revoke ada x",
    "key list ada",
    "org list",
    "org quota acme",
    "repo list",
    "repo delete a/b --yes",
    "jobs list",
    "audit export",
    "db status",
    "fsck",
    "gc",
    "backup elsewhere",
    "export ada --to elsewhere",
]


@pytest.fixture
def hubkeep(tmp_path):
    made = Commands(tmp_path / "data")
    made("user", "add", "ada", "--email", "ada@example.org")
    made("org", "add", "acme", "--member", "ada:admin")
    return made


@pytest.mark.parametrize("line", LOOKING)
def test_a_wrong_folder_is_told_and_no_hub_is_made_in_it(tmp_path, monkeypatch, line):
    monkeypatch.chdir(tmp_path)
    got = Commands(tmp_path / "typo")(*line.split(), code=1)
    assert "There is no hub in" in str(got.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_bundle_is_told_before_a_hub_is_made_for_it(tmp_path):
    got = Commands(tmp_path / "data")("import", str(tmp_path / "nothing"), code=1)
    assert "manifest.json" in str(got.exception)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "token add ada --name x --role read --allow org:acme=repo.write",
            "--allow: is for --role fineGrained",
        ),
        ("token add ada --name x --role write --gated", "--gated: is for --role fineGrained"),
        (
            "token add ada --name x --role fineGrained --allow org:acme=frob",
            "'frob' is none of repo.content.read",
        ),
        ("token revoke ada nothing", "ada has no token called 'nothing'"),
        ("import one two", "name one bundle"),
        ("import one --to acme", "--to: is for --from"),
        ("import --from nope a/b", "no address of a hub"),
    ],
)
def test_words_that_mean_nothing_together_are_told(hubkeep, line, said):
    got = hubkeep(*line.split(), code=1)
    assert isinstance(got.exception, HubError)
    assert said in str(got.exception)


def test_a_file_where_a_folder_should_be_is_told(hubkeep, tmp_path):
    (tmp_path / "file").write_text("x")
    for line in (f"export acme --to {tmp_path}/file", f"backup {tmp_path}/file"):
        assert "is no folder" in str(hubkeep(*line.split(), code=1).exception)


def test_lists_are_there_for_programs(hubkeep):
    hubkeep("token", "add", "ada", "--name", "ci", "--role", "write", "--days", "3")
    hubkeep("user", "quota", "ada", "--bytes", "5GB")

    def told(line):
        return json.loads(hubkeep(*line.split(), "--json").stdout)

    [ada] = told("user list")
    assert {name: ada[name] for name in ("name", "email", "operator", "disabled")} == {
        "name": "ada",
        "email": "ada@example.org",
        "operator": False,
        "disabled": False,
    }
    assert told("org list") == [{"name": "acme", "members": 1, "repositories": 0, "storage": 0}]
    assert told("user quota ada")["maxBytes"] == 5_000_000_000
    assert told("org quota acme") == {
        "name": "acme",
        "bytes": 0,
        "repositories": 0,
        "maxBytes": None,
        "maxRepositories": None,
    }
    [token] = told("token list ada")
    assert (token["name"], token["role"], token["lastUsedAt"]) == ("ci", "write", None)
    assert told("key list ada") == []
    status = told("db status")
    assert status["database"] == status["release"]


def test_a_token_is_revoked_by_its_name(hubkeep):
    hubkeep("token", "add", "ada", "--name", "ci", "--role", "write")
    assert "ci" in hubkeep("token", "list", "ada").stdout
    hubkeep("token", "revoke", "ada", "ci")
    assert json.loads(hubkeep("token", "list", "ada", "--json").stdout) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["user", "list", "--data", "{here}/nothing"], "hubkeep: There is no hub in {here}/nothing"),
        (
            ["user", "add", "ada", "--email", "a@x.org", "--data", "{here}/file/data"],
            "{here}/file/data: Not a directory",
        ),
    ],
)
def test_a_refusal_is_one_line_and_exit_code_1(tmp_path, monkeypatch, arguments, said):
    (tmp_path / "file").write_text("x")
    words = [word.format(here=tmp_path) for word in arguments]
    monkeypatch.setattr(sys, "argv", ["hubkeep", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert said.format(here=tmp_path) in str(ended.value.code)
    assert "\n" not in str(ended.value.code)


def test_a_database_that_does_not_answer_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("HUBKEEP_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none?connect_timeout=2")
    monkeypatch.setattr(sys, "argv", ["hubkeep", "user", "list", "--data", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert str(ended.value.code).startswith("hubkeep: the database does not answer: ")
    assert "\n" not in str(ended.value.code)


def test_every_command_tells_what_it_does():
    def walk(command, words):
        assert command.help, words
        for name, inner in getattr(command, "commands", {}).items():
            walk(inner, [*words, name])
            got = CliRunner().invoke(app, [*words[1:], name, "--help"])
            assert got.exit_code == 0, (words, name)

    walk(typer.main.get_command(app), ["hubkeep"])
