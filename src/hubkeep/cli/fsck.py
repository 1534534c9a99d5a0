"""`hubkeep fsck`: does every name lead to its bytes?"""

import json
from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from hubkeep import repos
from hubkeep.cli.operator import AsJson, console, existing, size
from hubkeep.cli.options import Data
from hubkeep.repos import Damage

BYTES = ("git bytes", "bytes", "bytes read")
SHOWN = ("repositories", "refs", "packs", "git bytes", "objects", "bytes", "recipes", "xorbs", "bytes read")


def fsck(
    data: Data = None,
    *,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read every byte of every large file, and compare its sha256.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check refs, packs and large files. Exit code 1 when anything is damaged; changes nothing."""
    tally: Counter[str] = Counter()
    with existing(data) as stores, console().status("checking …"):
        found = list(repos.fsck(stores, tally, deep=deep))
    if as_json:
        typer.echo(json.dumps({"checked": dict(tally), "damage": [asdict(one) for one in found]}))
    else:
        show(tally, found)
    if found:
        raise typer.Exit(1)


def show(tally: "Counter[str]", found: list[Damage]) -> None:
    """Print what was looked at and what was found."""
    looked = Table("checked", "", box=None)
    for name in SHOWN:
        looked.add_row(name, size(tally[name]) if name in BYTES else f"{tally[name]:,}")
    Console().print(looked)
    if not found:
        Console().print("[green]no damage[/]")
        return
    damaged = Table("where", "damage", title=f"{len(found):,} damaged", title_style="red")
    for one in found:
        damaged.add_row(one.where, one.what)
    Console().print(damaged, markup=False)
