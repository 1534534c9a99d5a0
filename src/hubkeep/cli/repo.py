"""`hubkeep repo …`: repositories, for operators."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from hubkeep import repos
from hubkeep.accounts import COMMAND_LINE
from hubkeep.cli.operator import AsJson, existing, size
from hubkeep.cli.options import Data
from hubkeep.kit import BadInput, wire_date
from hubkeep.repos import Kind, Looked, Repo

app = typer.Typer(no_args_is_help=True, help="List, close and delete repositories.")
Name = Annotated[
    str, typer.Argument(help="`owner/name` of a model; `datasets/owner/name`, `spaces/…`, `kernels/…`.")
]
PAGE = 500


@app.command("list")
def list_(
    text: Annotated[
        str, typer.Argument(help="Beginning of an owner's name, or `owner/` and of a name.")
    ] = "",
    *,
    largest: Annotated[bool, typer.Option("--largest", help="Those that take most come first.")] = False,
    disabled: Annotated[bool, typer.Option("--disabled", help="Only those that are closed.")] = False,
    most: Annotated[int, typer.Option("--limit", help="How many at most.", min=1)] = 1000,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """List repositories, private ones too, with the storage that they take."""
    looked = Looked(text, disabled=disabled, largest=largest)
    found: list[Repo] = []
    with existing(data) as stores:
        while len(found) < most:
            last = (found[-1].used_storage, found[-1].id) if found else None
            with stores.db.read() as tx:
                page = repos.every_repo(
                    tx, COMMAND_LINE, looked, after=last, limit=min(PAGE, most - len(found))
                )
            if not page:
                break
            found += page
    if as_json:
        typer.echo(json.dumps([_facts(repo) for repo in found]))
        return
    table = Table("name", "storage", "changed", "is", box=None)
    for repo in found:
        table.add_row(
            repo.kind.prefix + repo.full_name,
            size(repo.used_storage),
            f"{repo.last_modified:%Y-%m-%d}",
            _marks(repo),
        )
    Console().print(table)


@app.command("disable")
def disable(
    name: Name,
    reason: Annotated[str, typer.Option("--reason", help="For the audit log.")] = "",
    data: Data = None,
) -> None:
    """Close a repository to everybody but operators; nothing of it is deleted."""
    _switch(name, data, disabled=True, reason=reason)
    typer.echo(f"disabled {name}", err=True)


@app.command("enable")
def enable(name: Name, data: Data = None) -> None:
    """Open a closed repository again."""
    _switch(name, data, disabled=False)
    typer.echo(f"enabled {name}", err=True)


@app.command("delete")
def delete(
    name: Name,
    *,
    sure: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: Data = None,
) -> None:
    """Delete a repository with its history. Nothing but a backup brings it back."""
    if not sure:
        typer.confirm(f"Delete {name} for good?", abort=True)
    kind, full_name = parse(name)
    with existing(data) as stores, stores.db.write() as tx:
        repos.delete(tx, COMMAND_LINE, kind, full_name)
    typer.echo(f"deleted {name}", err=True)


def parse(name: str) -> tuple[Kind, str]:
    """Read `[kind/]owner/name`. Raises BadInput."""
    parts = name.strip("/").split("/")
    if len(parts) == 3 and parts[0] in {kind.plural for kind in Kind}:
        return Kind(parts[0][:-1]), "/".join(parts[1:])
    if len(parts) == 2 and all(parts):
        return Kind.MODEL, "/".join(parts)
    raise BadInput(field="NAME", reason=f"{name!r} must be `owner/name`, `datasets/owner/name`, …")


def _switch(name: str, data: Data, *, disabled: bool, reason: str = "") -> None:
    kind, full_name = parse(name)
    with existing(data) as stores, stores.db.write() as tx:
        repos.set_repo_disabled(tx, COMMAND_LINE, kind, full_name, disabled=disabled, reason=reason)


def _facts(repo: Repo) -> dict[str, object]:
    return {
        "type": repo.kind.value,
        "id": repo.full_name,
        "private": repo.private,
        "disabled": repo.disabled,
        "storage": repo.used_storage,
        "lastModified": wire_date(repo.last_modified),
    }


def _marks(repo: Repo) -> str:
    marks = (("private", repo.private), ("gated", bool(repo.gated)), ("disabled", repo.disabled))
    return ", ".join(mark for mark, on in marks if on)
