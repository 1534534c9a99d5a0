"""`hubkeep token …`: tokens for programs."""

from typing import Annotated

import typer

from hubkeep import accounts
from hubkeep.accounts import TokenRole
from hubkeep.cli.options import Data, opened
from hubkeep.cli.user import read_line

app = typer.Typer(no_args_is_help=True, help="Make tokens.")


@app.command("add")
def add(
    user: Annotated[str, typer.Argument(help="Whose token.")],
    name: Annotated[str, typer.Option("--name", help="What it is for; one of a kind per user.")],
    role: Annotated[TokenRole, typer.Option("--role", help="What it may do.")],
    *,
    value_stdin: Annotated[
        bool,
        typer.Option("--value-stdin", help="Bring a value of your own (`hf_…`) on standard input."),
    ] = False,
    data: Data = None,
) -> None:
    """Make a token and print it, alone, on standard output. It is shown this once."""
    value = read_line().strip() if value_stdin else None
    with opened(data) as stores, stores.db.write() as tx:
        _, secret = accounts.add_token(tx, accounts.user_named(tx, user).id, name, role, value)
    typer.echo(secret)
