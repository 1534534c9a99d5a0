"""`hubkeep db …`: the schema."""

import json

import typer

from hubkeep import migrations
from hubkeep.cli.operator import AsJson, NoHub, console, existing, revision
from hubkeep.cli.options import Data, settings_of
from hubkeep.cli.restore import renew_epoch
from hubkeep.kit import Database
from hubkeep.kit.log import configure

app = typer.Typer(no_args_is_help=True, help="Care for the database's schema.")


@app.command("upgrade")
def upgrade(data: Data = None) -> None:
    """Bring the schema to this release's. `hubkeep serve` does it by itself; do it before when many nodes start."""
    settings = settings_of(data=data)
    configure(settings.log_level, settings.log_format)
    settings.data.mkdir(mode=0o750, parents=True, exist_ok=True)
    db = Database(settings.sql_url)
    try:
        applied = migrations.upgrade(db)
    finally:
        db.close()
    console().print(f"applied {', '.join(applied)}" if applied else f"nothing to do: at {migrations.head()}")


@app.command("new-epoch")
def new_epoch(data: Data = None) -> None:
    """After a restore by other means than `hubkeep restore`: let clients forget what they had uploaded with Xet.

    Run it before the hub starts again.
    """
    with existing(data) as stores, stores.db.write() as tx:
        made = renew_epoch(tx)
    console().print(f"the epoch is {made} now; start the hub again if it runs")


@app.command("status")
def status(*, as_json: AsJson = False, data: Data = None) -> None:
    """Print the revision of the database and the one that this release needs."""
    settings = settings_of(data=data)
    has, needs = revision(settings), migrations.head()
    if has is None and not settings.database_url:
        raise NoHub(place=settings.data)
    if as_json:
        typer.echo(json.dumps({"database": has, "release": needs}))
    else:
        typer.echo(f"database {has or 'empty'}, release {needs}")
