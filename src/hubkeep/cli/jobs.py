"""`hubkeep jobs …`: the queue of work, and what was given up."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from hubkeep import accounts
from hubkeep.accounts import COMMAND_LINE
from hubkeep.cli.operator import AsJson, existing
from hubkeep.cli.options import Data
from hubkeep.kit import BadInput, wire_date
from hubkeep.kit.job_admin import JobState, QueuedJob

app = typer.Typer(no_args_is_help=True, help="Look at background jobs; try failed ones again.")
PAGE = 500


@app.command("list")
def list_(
    state: Annotated[
        JobState | None, typer.Option("--state", help="Only waiting, tried before, or given up (failed).")
    ] = None,
    most: Annotated[int, typer.Option("--limit", help="How many at most.", min=1)] = 200,
    *,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """List jobs, with the error of the last attempt."""
    with existing(data) as stores, stores.db.read() as tx:
        found, counts = accounts.queued_jobs(tx, COMMAND_LINE, state, limit=most)
    if as_json:
        typer.echo(json.dumps({"counts": counts, "jobs": [_facts(job) for job in found]}))
        return
    table = Table("job", "kind", "is", "runs at", "attempts", "error", box=None)
    for job in found:
        when = f"{job.run_at:%Y-%m-%d %H:%M}" if job.run_at else "never"
        table.add_row(str(job.id), job.kind, job.state, when, str(job.attempts), (job.error or "")[:120])
    Console().print(table)
    typer.echo(", ".join(f"{count:,} {state}" for state, count in counts.items()), err=True)


@app.command("retry")
def retry(
    job: Annotated[int | None, typer.Argument(help="Number of a job that was given up.")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="All that were given up.")] = False,
    data: Data = None,
) -> None:
    """Let a job that was given up run again."""
    if (job is None) != every:
        raise BadInput(field="JOB", reason="name one job, or say --all")
    done = 0
    with existing(data) as stores:
        while True:
            with stores.db.write() as tx:
                failed = [] if job else accounts.queued_jobs(tx, COMMAND_LINE, JobState.FAILED, limit=PAGE)[0]
                for number in [job] if job else [one.id for one in failed]:
                    accounts.retry_job(tx, COMMAND_LINE, number)
                    done += 1
            if not failed:
                break
    typer.echo(f"{done} will run again", err=True)


@app.command("drop")
def drop(job: Annotated[int, typer.Argument(help="Number of a job.")], data: Data = None) -> None:
    """Take a job out of the queue for good."""
    with existing(data) as stores, stores.db.write() as tx:
        accounts.drop_job(tx, COMMAND_LINE, job)
    typer.echo(f"dropped job {job}", err=True)


def _facts(job: QueuedJob) -> dict[str, object]:
    return {
        "id": job.id,
        "kind": job.kind,
        "args": job.args,
        "state": job.state,
        "runAt": wire_date(job.run_at) if job.run_at else None,
        "attempts": job.attempts,
        "error": job.error,
    }
