"""`hubkeep token …`: tokens for programs."""

from datetime import timedelta
from typing import Annotated

import typer

from hubkeep import accounts, repos
from hubkeep.accounts import Actor, Entity, EntityType, NewToken, Permission, Scopes, TokenRole
from hubkeep.cli.options import Data, opened
from hubkeep.cli.user import read_line
from hubkeep.kit import BadInput, ReadTx, now
from hubkeep.repos import Kind

app = typer.Typer(no_args_is_help=True, help="Make tokens.")


@app.command("add")
def add(
    user: Annotated[str, typer.Argument(help="Whose token.")],
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
    value = read_line().strip() if value_stdin else None
    end = now() + timedelta(days=days) if days is not None else None
    with opened(data) as stores, stores.db.write() as tx:
        owner = accounts.user_named(tx, user)
        fine = role is TokenRole.FINE_GRAINED
        scopes = (
            _scopes(tx, accounts.actor_of(tx, owner.id, can_write=True), allow or [], gated) if fine else None
        )
        made, secret = accounts.issue(tx, owner.id, NewToken(name, role, scopes, end), value)
        told = {"token": made.id, "name": made.name, "role": role.value}
        accounts.audit(tx, accounts.COMMAND_LINE, "token.create", owner_id=owner.id, data=told)
    typer.echo(secret)


def _scopes(tx: ReadTx, actor: Actor, allowed: list[str], gated: bool) -> Scopes:
    on: dict[Entity, frozenset[Permission]] = {}
    everywhere: frozenset[Permission] = frozenset()
    for text in allowed:
        what, _, words = text.partition("=")
        try:
            given = frozenset(Permission(word.strip()) for word in words.split(","))
        except ValueError as error:
            raise BadInput(field="--allow", reason=f"{error}: one of {', '.join(Permission)}") from None
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
