"""`hubkeep import`: repositories from a bundle, or from another hub."""

import os
from pathlib import Path
from typing import Annotated

import typer

from hubkeep.cli.bundle_format import read_manifest
from hubkeep.cli.import_bundle import import_bundle
from hubkeep.cli.import_hub import import_from
from hubkeep.cli.import_state import Authors, Imported
from hubkeep.cli.operator import console
from hubkeep.cli.options import Data, opened
from hubkeep.cli.remote import Remote
from hubkeep.kit import BadInput


def import_(
    sources: Annotated[
        list[str],
        typer.Argument(help="Folder of a bundle; with --from, names of repositories or owners there."),
    ],
    from_hub: Annotated[
        str, typer.Option("--from", help="Address of another hub, like https://huggingface.co.")
    ] = "",
    to: Annotated[
        str, typer.Option("--to", help="With --from: the owner here.", show_default="as there")
    ] = "",
    authors: Annotated[
        Authors, typer.Option("--authors", help="Of a bundle: whose words discussions are.")
    ] = Authors.KEEP,
    data: Data = None,
) -> None:
    """Take repositories in. What is here already is left alone, so run it again after whatever went wrong.

    With --from, private repositories need a token of that hub in the environment variable IMPORT_TOKEN.
    """
    remote = Remote(from_hub, os.environ.get("IMPORT_TOKEN", "")) if from_hub else None
    if remote is None:
        if len(sources) != 1:
            raise BadInput(field="SOURCES", reason="name one bundle, or another hub by --from")
        if to:
            raise BadInput(field="--to", reason="is for --from; a bundle brings its owners")
        read_manifest(Path(sources[0]))  # before a hub is made for it
    with opened(data) as stores, console().status("importing …") as status:
        if remote is not None:
            done = import_from(stores, remote, sources, to=to, tell=status.update)
        else:
            done = import_bundle(stores, Path(sources[0]), authors=authors, tell=status.update)
    _show(done)
    if done.refused:
        raise typer.Exit(1)


def printable(text: str) -> str:
    """Escape what a terminal would obey: names and reasons may come from anywhere."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _show(done: Imported) -> None:
    for name, reason in done.refused.items():
        typer.echo(f"refused {printable(name)}: {printable(reason)}", err=True)
    for name, count in done.incomplete.items():
        typer.echo(f"{printable(name)}: {count:,} large files are not on the other hub either", err=True)
    known = f", {len(done.known):,} were here already" if done.known else ""
    around = [
        f"{n:,} {what}" for n, what in ((done.collections, "collections"), (done.webhooks, "webhooks")) if n
    ]
    if done.webhooks:
        around[-1] += " (switched off until their owners switch them on)"
    more = "".join(f", {text}" for text in around)
    typer.echo(f"imported {len(done.made):,} repositories{more}{known}", err=True)
