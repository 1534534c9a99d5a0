"""`hubkeep token …`: tokens for programs."""

import json
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from hubkeep import accounts, repos
from hubkeep.accounts import (
    Actor,
    Entity,
    EntityType,
    NewToken,
    Permission,
    Scopes,
    Token,
    TokenRole,
)
from hubkeep.cli.operator import AsJson, acting_for, existing
from hubkeep.cli.options import Data
from hubkeep.cli.user import read_line
from hubkeep.kit import BadInput, ReadTx, now, wire_date
from hubkeep.repos import Kind

app = typer.Typer(no_args_is_help=True, help="Make, list and revoke tokens.")
User = Annotated[str, typer.Argument(help="Whose token.")]


@app.command("add")
def add(
    user: User,
    name: Annotated[str, typer.Option("--name", help="What it is for; one of a kind per user.")],
    role: Annotated[TokenRole, typer.Option("--role", help="What it may do.")],
    *,
    allow: Annotated[
        list[str] | None,
        typer.Option(
            "--allow",
            help="For fineGrained: TYPE:NAME=PERMISSION,…, as in org:acme=repo.content.read or model:acme/bert=repo.write. Repeatable.",
        ),
    ] = None,
    gated: Annotated[
        bool, typer.Option("--gated", help="For fineGrained: read gated repositories, too.")
    ] = False,
    days: Annotated[
        float | None, typer.Option("--days", min=0, help="Ends after so many days; without, never.")
    ] = None,
    value_stdin: Annotated[
        bool,
        typer.Option("--value-stdin", help="Bring a value of your own (`hf_…`) on standard input."),
    ] = False,
    data: Data = None,
) -> None:
    """Make a token and print it, alone, on standard output. It is shown this once."""
    fine = role is TokenRole.FINE_GRAINED
    if not fine and (allow or gated):
        raise BadInput(field="--allow" if allow else "--gated", reason="is for --role fineGrained")
    value = read_line().strip() if value_stdin else None
    end = now() + timedelta(days=days) if days is not None else None
    with existing(data) as stores, stores.db.write() as tx:
        owner = accounts.user_named(tx, user)
        scopes = (
            _scopes(tx, accounts.actor_of(tx, owner.id, can_write=True), allow or [], gated) if fine else None
        )
        made, secret = accounts.issue(tx, owner.id, NewToken(name, role, scopes, end), value)
        told = {"token": made.id, "name": made.name, "role": role.value}
        accounts.audit(tx, accounts.COMMAND_LINE, "token.create", owner_id=owner.id, data=told)
    typer.echo(secret)


@app.command("list")
def list_(user: User, *, as_json: AsJson = False, data: Data = None) -> None:
    """List a person's tokens; their values are known to nobody."""
    with existing(data) as stores, stores.db.read() as tx:
        tokens = accounts.list_tokens(tx, acting_for(tx, user))
    if as_json:
        typer.echo(json.dumps([_facts(token) for token in tokens]))
        return
    table = Table("name", "role", "ends in", "since", "used", "until", box=None)
    for token in tokens:
        days = [f"{at:%Y-%m-%d}" if at else "never" for at in (token.last_used_at, token.expires_at)]
        table.add_row(token.name, token.role.value, token.last4, f"{token.created_at:%Y-%m-%d}", *days)
    Console().print(table)


@app.command("revoke")
def revoke(
    user: User, name: Annotated[str, typer.Argument(help="What the token is called.")], data: Data = None
) -> None:
    """Make a token worthless, at once."""
    with existing(data) as stores, stores.db.write() as tx:
        person = acting_for(tx, user)
        found = next((one for one in accounts.list_tokens(tx, person) if one.name == name), None)
        if found is None:
            raise BadInput(field="NAME", reason=f"{person.name} has no token called {name!r}")
        accounts.revoke_token(tx, person, found.id)
    typer.echo(f"revoked {name}", err=True)


def _facts(token: Token) -> dict[str, object]:
    used, until = token.last_used_at, token.expires_at
    return {
        "name": token.name,
        "role": token.role.value,
        "last4": token.last4,
        "createdAt": wire_date(token.created_at),
        "lastUsedAt": wire_date(used) if used else None,
        "expiresAt": wire_date(until) if until else None,
    }


def _scopes(tx: ReadTx, actor: Actor, allowed: list[str], gated: bool) -> Scopes:
    on: dict[Entity, frozenset[Permission]] = {}
    everywhere: frozenset[Permission] = frozenset()
    for text in allowed:
        what, _, words = text.partition("=")
        try:
            given = frozenset(Permission(word.strip()) for word in words.split(","))
        except ValueError:
            bad = next(word.strip() for word in words.split(",") if word.strip() not in set(Permission))
            known = ", ".join(Permission)
            raise BadInput(field="--allow", reason=f"{bad!r} is none of {known}") from None
        if what == "everywhere":
            everywhere |= given
            continue
        entity = _entity(tx, actor, what)
        on[entity] = on.get(entity, frozenset()) | given
    return Scopes(on, everywhere, gated)


def _entity(tx: ReadTx, actor: Actor, what: str) -> Entity:
    kind, _, name = what.partition(":")
    if kind in (EntityType.USER, EntityType.ORG):
        return Entity(EntityType(kind), accounts.owner_named(tx, name).id)
    if kind in list(Kind):
        return repos.get(tx, actor, Kind(kind), name).entity
    raise BadInput(
        field="--allow", reason=f"{what!r} must be user:, org:, model:, dataset: or space: and a name"
    )
