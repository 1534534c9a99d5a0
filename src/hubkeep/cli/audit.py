"""`hubkeep audit …`: who did what."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from hubkeep import accounts
from hubkeep.accounts import COMMAND_LINE, AuditEntry, AuditFilter
from hubkeep.cli.operator import existing
from hubkeep.cli.options import Data
from hubkeep.kit import wire_date

app = typer.Typer(no_args_is_help=True, help="Read the audit log.")
PAGE = 1000
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])]


@app.command("export")
def export(
    who: Annotated[str, typer.Option("--who", help="Name of whoever acted.")] = "",
    kind: Annotated[str, typer.Option("--type", help="`repo`, `repo.delete`, …")] = "",
    owner: Annotated[
        str, typer.Option("--owner", help="Name of the user or organization it was about.")
    ] = "",
    address: Annotated[str, typer.Option("--address", help="Where it came from.")] = "",
    since: Day = None,
    until: Day = None,
    most: Annotated[
        int | None, typer.Option("--limit", help="How many at most; all without it.", min=1)
    ] = None,
    data: Data = None,
) -> None:
    """Print entries as lines of JSON, the newest first. Times are UTC."""
    wanted = AuditFilter(who, kind, owner, None, address, _utc(since), _utc(until))
    before, left = None, most
    with existing(data) as stores:
        while left is None or left > 0:
            with stores.db.read() as tx:
                limit = PAGE if left is None else min(PAGE, left)
                page = accounts.audit_entries(tx, COMMAND_LINE, wanted, before=before, limit=limit)
            for entry in page:
                typer.echo(json.dumps(facts(entry), ensure_ascii=False))
            if len(page) < limit:
                return
            before = page[-1].id
            left = None if left is None else left - len(page)


def facts(entry: AuditEntry) -> dict[str, object]:
    """Return an entry as JSON."""
    return {
        "id": entry.id,
        "at": wire_date(entry.at),
        "type": entry.type,
        "by": entry.actor_name or None,
        "by_id": entry.actor_id,
        "token_id": entry.token_id,
        "address": entry.address,
        "agent": entry.agent,
        "owner_id": entry.owner_id,
        "repo_id": entry.repo_id,
        "data": entry.data,
    }


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None else None
