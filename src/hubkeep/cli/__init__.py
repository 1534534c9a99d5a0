"""The command line. `hubkeep --help` tells everything; the commands are a contract that other programs rely on."""

import sys

import typer
from sqlalchemy.exc import OperationalError

from hubkeep import __version__
from hubkeep.cli import audit, db, jobs, key, org, repo, token, user
from hubkeep.cli.backup import backup
from hubkeep.cli.demo import demo
from hubkeep.cli.export import export
from hubkeep.cli.fsck import fsck
from hubkeep.cli.gc import gc
from hubkeep.cli.imports import import_
from hubkeep.cli.restore import restore
from hubkeep.cli.serve import serve
from hubkeep.cli.worker import worker
from hubkeep.kit import HubError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="hubkeep: a self-hosted hub for models, datasets and Spaces.",
)
app.command()(serve)
app.command()(worker)
app.add_typer(user.app, name="user")
app.add_typer(token.app, name="token")
app.add_typer(key.app, name="key")
app.add_typer(org.app, name="org")
app.add_typer(repo.app, name="repo")
app.add_typer(jobs.app, name="jobs")
app.add_typer(audit.app, name="audit")
app.add_typer(db.app, name="db")
app.command()(demo)
app.command()(fsck)
app.command()(gc)
app.command()(backup)
app.command()(restore)
app.command()(export)
app.command("import")(import_)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def main() -> None:
    """Run the command line; a refusal is one line on standard error and exit code 1."""
    try:
        app()
    except HubError as error:
        sys.exit(f"hubkeep: {error}")
    except OperationalError as error:
        sys.exit(f"hubkeep: the database does not answer: {' '.join(str(error.orig).split())}")
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        sys.exit(f"hubkeep: {place}{error.strerror or error}")
