"""`hubkeep demo`: fill a hub, to see how it looks and feels when it is large."""

from typing import Annotated

import typer
from rich.progress import Progress

from hubkeep.cli.options import Data, opened
from hubkeep.demo.many import many


def demo(
    repos: Annotated[
        int, typer.Option("--repos", min=1, max=5_000_000, help="How many repositories to add.")
    ] = 1000,
    seed: Annotated[int, typer.Option("--seed", help="Another number makes another hub.")] = 1,
    data: Data = None,
) -> None:
    """Add many made-up repositories, found, sorted and counted like real ones; the most downloaded have files.

    Stop the server first: nobody else may write meanwhile.
    """
    with opened(data) as stores, Progress(transient=True) as shown:
        task = shown.add_task("repositories", total=repos)
        many(
            stores,
            repos,
            seed=seed,
            progress=lambda done, what: shown.update(task, completed=done, description=what),
        )
    typer.echo(f"added {repos} repositories", err=True)
