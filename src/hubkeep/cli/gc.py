"""`hubkeep gc`: free the space of what no name leads to."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from hubkeep import repos
from hubkeep.cli.operator import AsJson, console, existing, size
from hubkeep.cli.options import Data
from hubkeep.repos import Garbage


def gc(
    data: Data = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would go.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove unnamed packs, large files that no repository holds, leftovers of dead processes, expired sessions.

    Nothing younger than HUBKEEP_GC__GRACE_HOURS is touched. Safe beside a running hub.
    """
    with existing(data) as stores, console().status("collecting …"):
        found = repos.gc(stores, dry_run=dry_run)
    if as_json:
        typer.echo(json.dumps(asdict(found) | {"dry_run": dry_run, "bytes": found.bytes}))
    else:
        _show(found, dry_run=dry_run)


def _show(found: Garbage, *, dry_run: bool) -> None:
    table = Table("would go" if dry_run else "gone", "", box=None)
    table.add_row("files of packs that nobody lists", f"{found.pack_files:,}")
    table.add_row("large objects that no repository holds", f"{found.large.objects:,}")
    table.add_row("recipes of those", f"{found.large.recipes:,}")
    table.add_row("xorbs that nothing used for weeks", f"{found.large.xorbs:,}")
    table.add_row("blobs without a name", f"{found.large.blobs:,}")
    table.add_row("leftovers of dead processes", f"{found.leftovers:,}")
    table.add_row("expired sessions", f"{found.sessions:,}")
    table.add_row("[bold]space[/]", f"[bold]{size(found.bytes)}[/]")
    Console().print(table)
