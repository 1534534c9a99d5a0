"""The command line of docs/ARCHITECTURE.md: other programs call it exactly so."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hubkeep import accounts
from hubkeep.accounts import Credentials, Role
from hubkeep.cli import app
from hubkeep.cli.options import opened


@dataclass
class Program:
    """`hubkeep …` on a data folder."""

    data: Path

    def __call__(self, *arguments: str, stdin: str = "", code: int = 0):
        got = CliRunner().invoke(app, [*arguments, "--data", str(self.data)], input=stdin)
        assert got.exit_code == code, got.output
        return got


@pytest.fixture
def hubkeep(tmp_path):
    return Program(tmp_path / "data")


def test_the_first_command_makes_the_hub_and_a_token_stands_alone_on_standard_output(hubkeep):
    hubkeep("user", "add", "ada", "--email", "ada@example.org")
    value = hubkeep("token", "add", "ada", "--name", "laptop", "--role", "read").stdout
    assert value.startswith("hf_")
    assert value.endswith("\n")
    with opened(hubkeep.data) as stores, stores.db.read() as tx:
        actor = accounts.authenticate(tx, Credentials("token", value.strip()))
    assert (actor.name, actor.can_write, actor.is_admin) == ("ada", False, False)


def test_an_operator_brings_passwords_and_token_values_by_standard_input(hubkeep):
    hubkeep(
        "user",
        "add",
        "root",
        "--email",
        "r@example.org",
        "--admin",
        "--password-stdin",
        stdin="a long password\n",
    )
    value = hubkeep(
        "token", "add", "root", "--name", "ci", "--role", "write", "--value-stdin", stdin="hf_brought\n"
    ).stdout
    assert value == "hf_brought\n"
    with opened(hubkeep.data) as stores:
        assert accounts.sign_in(stores.db, "root", "a long password").user.is_admin


def test_organizations_get_their_members_and_roles(hubkeep):
    for name in ("ada", "eve"):
        hubkeep("user", "add", name, "--email", f"{name}@example.org")
    hubkeep("org", "add", "acme", "--member", "ada:admin", "--member", "eve:contributor")
    with opened(hubkeep.data) as stores, stores.db.read() as tx:
        members = accounts.profile(tx, accounts.STRANGER, "acme").members
    assert {member.user.name: member.role for member in members} == {
        "ada": Role.ADMIN,
        "eve": Role.CONTRIBUTOR,
    }


def test_people_are_listed_disabled_and_enabled(hubkeep):
    hubkeep("user", "add", "ada", "--email", "ada@example.org")
    hubkeep("user", "disable", "ada")
    assert "disabled" in hubkeep("user", "list").stdout
    hubkeep("user", "enable", "ada")
    assert "disabled" not in hubkeep("user", "list").stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("user", "add", "api", "--email", "a@example.org"), "reserved"),
        (("user", "disable", "nobody"), "nobody"),
        (("org", "add", "acme", "--member", "ada:king"), "--member"),
        (("token", "add", "nobody", "--name", "x", "--role", "read"), "nobody"),
    ],
)
def test_a_refusal_names_what_is_wrong(hubkeep, arguments, told):
    with opened(hubkeep.data):
        pass
    got = hubkeep(*arguments, code=1)
    assert told in str(got.exception)
