"""`hubkeep user quota`, `hubkeep org quota`: what somebody may keep, and what they do keep."""

import json
from dataclasses import replace
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from hubkeep import accounts, repos
from hubkeep.accounts import COMMAND_LINE, OwnerKind, OwnerNotFound
from hubkeep.cli.operator import existing, size
from hubkeep.cli.options import Data
from hubkeep.cli.sizes import limit_of

Bytes = Annotated[
    str | None, typer.Option("--bytes", help="Most bytes: a number like 500GB, `any`, or `default`.")
]
Repos = Annotated[
    str | None, typer.Option("--repos", help="Most repositories: a number, `any`, or `default`.")
]


def quota(
    kind: OwnerKind, name: str, most_bytes: str | None, most_repos: str | None, data: Data, *, as_json: bool
) -> None:
    """Change what was given, then show what the owner may have and has."""
    with existing(data) as stores:
        with stores.db.write() as tx:
            owner = accounts.owner_named(tx, name)
            if owner.kind is not kind:
                raise OwnerNotFound(name=name)
            given = accounts.own_quota(tx, owner.id)
            if most_bytes is not None:
                given = replace(given, max_bytes=limit_of(most_bytes, "--bytes"))
            if most_repos is not None:
                given = replace(given, max_repos=limit_of(most_repos, "--repos"))
            if most_bytes is not None or most_repos is not None:
                accounts.set_quota(tx, COMMAND_LINE, name, given)
        with stores.db.read() as tx:
            may = accounts.quota_of(tx, stores.settings.quotas, owner.id)
            has = repos.usage_of(tx, owner.id)
    if as_json:
        limits = {"maxBytes": may.max_bytes or None, "maxRepositories": may.max_repos or None}
        typer.echo(json.dumps({"name": owner.name, "bytes": has.bytes, "repositories": has.repos} | limits))
        return
    table = Table(owner.name, "has", "may have", box=None)
    table.add_row("storage", size(has.bytes), size(may.max_bytes) if may.max_bytes else "any")
    table.add_row("repositories", f"{has.repos:,}", f"{may.max_repos:,}" if may.max_repos else "any")
    Console().print(table)
