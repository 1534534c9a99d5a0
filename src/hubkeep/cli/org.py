"""`hubkeep org …`: organizations."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from hubkeep import accounts, repos
from hubkeep.accounts import COMMAND_LINE, OwnerKind, Role
from hubkeep.cli import quota
from hubkeep.cli.operator import AsJson, existing, size
from hubkeep.cli.options import Data, opened
from hubkeep.kit import BadInput
from hubkeep.repos import Usage

app = typer.Typer(no_args_is_help=True, help="Add and list organizations; say what they may keep.")
PAGE = 500


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
        told = {"name": org.name, "members": {user: role.value for user, role in members.items()}}
        accounts.audit(tx, COMMAND_LINE, "org.create", owner_id=org.id, data=told)
    typer.echo(f"added organization {org.name} with {len(members)} members", err=True)


@app.command("list")
def list_(*, as_json: AsJson = False, data: Data = None) -> None:
    """List organizations with their members and what they store."""
    after, table = "", Table("name", "members", "repositories", "storage", box=None)
    told: list[dict[str, object]] = []
    with existing(data) as stores:
        while True:
            with stores.db.read() as tx:
                page = accounts.find_orgs(tx, COMMAND_LINE, after=after, limit=PAGE)
                used = repos.usages(tx, [org.id for org, _ in page])
            for org, members in page:
                has = used.get(org.id, Usage())
                told.append(
                    {"name": org.name, "members": members, "repositories": has.repos, "storage": has.bytes}
                )
                table.add_row(org.name, f"{members:,}", f"{has.repos:,}", size(has.bytes))
            if len(page) < PAGE:
                break
            after = page[-1][0].name
    if as_json:
        typer.echo(json.dumps(told))
    else:
        Console().print(table)


@app.command("rename")
def rename(
    name: Annotated[str, typer.Argument(help="Name of the organization.")],
    new_name: Annotated[str, typer.Argument(help="What it is called from now on.")],
    data: Data = None,
) -> None:
    """Rename an organization; the old name leads to the new one."""
    with opened(data) as stores, stores.db.write() as tx:
        org = accounts.rename_org(tx, COMMAND_LINE, name, new_name)
    typer.echo(f"{name} is called {org.name} now", err=True)


@app.command("quota")
def quota_(
    name: Annotated[str, typer.Argument(help="Name of the organization.")],
    most_bytes: quota.Bytes = None,
    most_repos: quota.Repos = None,
    *,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Show what an organization may keep and keeps, or change it."""
    quota.quota(OwnerKind.ORG, name, most_bytes, most_repos, data, as_json=as_json)


def _member(text: str) -> tuple[str, Role]:
    user, _, role = text.rpartition(":")
    if not user or role not in set(Role):
        allowed = ", ".join(role.value for role in Role)
        raise BadInput(field="--member", reason=f"{text!r} must be USER:ROLE with one of {allowed}")
    return user, Role(role)
