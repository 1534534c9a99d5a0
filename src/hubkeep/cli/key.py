"""`hubkeep key …`: keys for git over SSH."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from hubkeep import accounts
from hubkeep.accounts import SshKey
from hubkeep.cli.operator import AsJson, acting_for, existing
from hubkeep.cli.options import Data
from hubkeep.cli.user import read_line
from hubkeep.kit import wire_date

app = typer.Typer(no_args_is_help=True, help="Add and list the keys with which people speak git over SSH.")
User = Annotated[str, typer.Argument(help="Whose key.")]


@app.command("add")
def add(
    user: User,
    name: Annotated[str, typer.Option("--name", help="What to call it; else the key's own comment.")] = "",
    data: Data = None,
) -> None:
    """Add a public key, read from standard input: the one line of a `.pub` file."""
    text = read_line()
    with existing(data) as stores, stores.db.write() as tx:
        key = accounts.add_ssh_key(tx, acting_for(tx, user), name, text)
    typer.echo(f"added key {key.name} {key.fingerprint}", err=True)


@app.command("list")
def list_(user: User, *, as_json: AsJson = False, data: Data = None) -> None:
    """List a person's keys."""
    with existing(data) as stores, stores.db.read() as tx:
        keys = accounts.list_ssh_keys(tx, acting_for(tx, user))
    if as_json:
        typer.echo(json.dumps([_facts(key) for key in keys]))
        return
    table = Table("name", "kind", "fingerprint", "since", "used")
    for key in keys:
        used = f"{key.last_used_at:%Y-%m-%d}" if key.last_used_at else "never"
        table.add_row(key.name, key.algorithm, key.fingerprint, f"{key.created_at:%Y-%m-%d}", used)
    Console().print(table)


def _facts(key: SshKey) -> dict[str, object]:
    return {
        "name": key.name,
        "algorithm": key.algorithm,
        "fingerprint": key.fingerprint,
        "createdAt": wire_date(key.created_at),
        "lastUsedAt": wire_date(key.last_used_at) if key.last_used_at else None,
    }
