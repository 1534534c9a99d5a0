"""`hubkeep user …`: people."""

import json
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from hubkeep import accounts
from hubkeep.accounts import OwnerKind, User
from hubkeep.cli import quota
from hubkeep.cli.operator import AsJson, existing
from hubkeep.cli.options import Data, opened
from hubkeep.kit import wire_date

app = typer.Typer(no_args_is_help=True, help="Add, list and disable people; say what they may keep.")
Name = Annotated[str, typer.Argument(help="User name.")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first line of standard input.")
]


@app.command("add")
def add(
    name: Name,
    email: Annotated[str, typer.Option("--email", help="E-mail address.")],
    fullname: Annotated[str, typer.Option("--fullname", help="Name to show.")] = "",
    *,
    admin: Annotated[bool, typer.Option("--admin", help="Make this user an operator of the hub.")] = False,
    password_stdin: PasswordStdin = False,
    data: Data = None,
) -> None:
    """Add a person. Without a password they sign in by token only."""
    hashed = accounts.hash_password(read_line()) if password_stdin else None
    with opened(data) as stores, stores.db.write() as tx:
        user = accounts.add_user(tx, name, email, fullname=fullname, password_hash=hashed, is_admin=admin)
        told = {"name": user.name, "operator": admin}
        accounts.audit(tx, accounts.COMMAND_LINE, "user.create", owner_id=user.id, data=told)
    typer.echo(f"added user {user.name}", err=True)


@app.command("list")
def list_(*, as_json: AsJson = False, data: Data = None) -> None:
    """List everybody."""
    with existing(data) as stores, stores.db.read() as tx:
        people = accounts.list_users(tx)
    if as_json:
        typer.echo(json.dumps([_facts(user) for user in people]))
        return
    table = Table("name", "e-mail", "since", "is")
    for user in people:
        table.add_row(user.name, user.email, f"{user.created_at:%Y-%m-%d}", _marks(user))
    Console().print(table)


@app.command("disable")
def disable(name: Name, data: Data = None) -> None:
    """Lock a person out: sessions end, tokens stop working; nothing of theirs is deleted."""
    with existing(data) as stores, stores.db.write() as tx:
        accounts.set_disabled(tx, name, disabled=True)
    typer.echo(f"disabled user {name}", err=True)


@app.command("enable")
def enable(name: Name, data: Data = None) -> None:
    """Let a disabled person in again."""
    with existing(data) as stores, stores.db.write() as tx:
        accounts.set_disabled(tx, name, disabled=False)
    typer.echo(f"enabled user {name}", err=True)


@app.command("operator")
def operator(
    name: Name,
    *,
    revoke: Annotated[bool, typer.Option("--revoke", help="Make them an ordinary user again.")] = False,
    data: Data = None,
) -> None:
    """Make a person an operator of the hub."""
    with existing(data) as stores, stores.db.write() as tx:
        accounts.set_operator(tx, name, operator=not revoke)
    typer.echo(f"{name} is {'no operator any more' if revoke else 'an operator'}", err=True)


@app.command("rename")
def rename(
    name: Name,
    new_name: Annotated[str, typer.Argument(help="What they are called from now on.")],
    data: Data = None,
) -> None:
    """Rename a person; the old name leads to them."""
    with existing(data) as stores, stores.db.write() as tx:
        person = accounts.rename_user(tx, accounts.COMMAND_LINE, name, new_name)
    typer.echo(f"{name} is called {person.name} now", err=True)


@app.command("quota")
def quota_(
    name: Name,
    most_bytes: quota.Bytes = None,
    most_repos: quota.Repos = None,
    *,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Show what a person may keep and keeps, or change it."""
    quota.quota(OwnerKind.USER, name, most_bytes, most_repos, data, as_json=as_json)


@app.command("password")
def password(name: Name, *, password_stdin: PasswordStdin = False, data: Data = None) -> None:
    """Give a person a new password and end their sessions."""
    text = read_line() if password_stdin else typer.prompt("New password", hide_input=True)
    hashed = accounts.hash_password(text)
    with existing(data) as stores, stores.db.write() as tx:
        user = accounts.user_named(tx, name)
        accounts.set_password(tx, user.id, hashed)
        accounts.audit(tx, accounts.COMMAND_LINE, "user.password", owner_id=user.id, data={"name": user.name})
    typer.echo(f"changed the password of {name}", err=True)


@app.command("reset-password")
def reset_password(name: Name, data: Data = None) -> None:
    """Print a link with which a person chooses a new password; it works for an hour, and once."""
    with existing(data) as stores, stores.db.write() as tx:
        link = accounts.make_reset_link(tx, accounts.COMMAND_LINE, stores.signer, stores.settings.url, name)
    typer.echo(link)


@app.command("reset-factor")
def reset_factor(name: Name, data: Data = None) -> None:
    """Turn a person's second factor off: they lost the app and the recovery codes, and you know that it is them."""
    with existing(data) as stores, stores.db.write() as tx:
        user = accounts.user_named(tx, name)
        removed = accounts.remove_factor(tx, user.id)
        if removed:
            accounts.audit(tx, accounts.COMMAND_LINE, "user.second_factor_off", owner_id=user.id)
    typer.echo(
        f"{name} signs in with the password alone" if removed else f"{name} has no second factor", err=True
    )


def read_line() -> str:
    """Return the first line of standard input without its end."""
    return sys.stdin.readline().rstrip("\r\n")


def _facts(user: User) -> dict[str, object]:
    return {
        "name": user.name,
        "fullname": user.fullname,
        "email": user.email,
        "createdAt": wire_date(user.created_at),
        "operator": user.is_admin,
        "disabled": user.disabled,
    }


def _marks(user: User) -> str:
    return ", ".join(mark for mark, on in (("admin", user.is_admin), ("disabled", user.disabled)) if on)
