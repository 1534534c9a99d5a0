"""`hubkeep org …`: organizations."""

from typing import Annotated

import typer

from hubkeep import accounts
from hubkeep.accounts import Role
from hubkeep.cli.options import Data, opened
from hubkeep.kit import BadInput

app = typer.Typer(no_args_is_help=True, help="Add organizations.")


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Name of the organization.")],
    member: Annotated[
        list[str] | None, typer.Option("--member", help="USER:ROLE; may be given many times.")
    ] = None,
    fullname: Annotated[str, typer.Option("--fullname", help="Name to show.")] = "",
    data: Data = None,
) -> None:
    """Add an organization with members (roles: admin, write, contributor, read)."""
    members = dict(_member(text) for text in member or [])
    with opened(data) as stores, stores.db.write() as tx:
        org = accounts.add_org(tx, name, members, fullname=fullname)
    typer.echo(f"added organization {org.name} with {len(members)} members", err=True)


def _member(text: str) -> tuple[str, Role]:
    user, _, role = text.rpartition(":")
    if not user or role not in set(Role):
        allowed = ", ".join(role.value for role in Role)
        raise BadInput(field="--member", reason=f"{text!r} must be USER:ROLE with one of {allowed}")
    return user, Role(role)
