"""`hubkeep restore`: a hub from its backup, on either database and either kind of storage."""

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer

from hubkeep import migrations, repos
from hubkeep.cli.fsck import show
from hubkeep.cli.manifest import Manifest, read_manifest
from hubkeep.cli.operator import console, size
from hubkeep.cli.options import Data, settings_of
from hubkeep.kit import Database, HubError, Settings, WriteTx
from hubkeep.kit.keepsakes import replace
from hubkeep.kit.log import configure
from hubkeep.kit.rows import load_rows
from hubkeep.opening import open_blobs, open_stores
from hubkeep.storage import LocalBlobs, mirror


class NotEmpty(HubError):
    """A restore never writes over anything."""

    status, text = 409, "{place} is not empty: a backup is restored only into nothing."


def restore(
    source: Annotated[Path, typer.Argument(help="Folder of the backup.")],
    data: Data = None,
    *,
    copy: Annotated[
        bool, typer.Option("--copy", help="Copy files even where a second name would do.")
    ] = False,
    check: Annotated[bool, typer.Option("--check/--no-check", help="Run fsck on the restored hub.")] = True,
) -> None:
    """Fill an empty data folder, and an empty database, from a backup."""
    settings = settings_of(data=data)
    configure(settings.log_level, settings.log_format)
    with console().status("copying files …") as status:
        made = restore_backup(settings, source, link=not copy, tell=status.update)
    console().print(
        f"restored the hub of {made.made_at}: {sum(made.tables.values()):,} rows, {made.blobs:,} files"
    )
    if check:
        check_hub(settings)


def restore_backup(
    settings: Settings, source: Path, *, link: bool = True, tell: Callable[[str], None] = lambda _: None
) -> Manifest:
    """Make the hub that `settings` describe out of a backup. All rows come in one transaction, after their bytes.

    The Xet epoch is a new one: clients remember uploads that this backup may not have (docs/decisions/0003).

    Raises:
        NotABackup: `source` is none.
        NotEmpty: the data folder or the database holds something.
        SchemaTooNew: the backup is of a newer release.
    """
    made = read_manifest(source)
    if settings.data.exists() and any(path.name != "lost+found" for path in settings.data.iterdir()):
        raise NotEmpty(place=settings.data)
    settings.data.mkdir(mode=0o750, parents=True, exist_ok=True)
    db = Database(settings.sql_url)
    try:
        _require_empty(db)
        copied = 0
        for count, stat in enumerate(
            mirror(LocalBlobs(source / "blobs"), open_blobs(settings), link=link), 1
        ):
            copied += stat.size
            tell(f"copied {count:,} files, {size(copied)} …")
        tell("reading rows …")
        migrations.upgrade(db, made.revision)
        with db.write() as tx:
            load_rows(tx, source / made.rows)
            renew_epoch(tx)
        migrations.upgrade(db)
    finally:
        db.close()
    return made


def renew_epoch(tx: WriteTx) -> str:
    """Let clients forget what they had uploaded with Xet; return the new epoch. Servers learn of it when they start."""
    made = f"e{int(time.time()):x}"
    replace(tx, "xet-epoch", made)
    return made


def _require_empty(db: Database) -> None:
    with db.read() as tx:
        if sa.inspect(tx.sql).get_table_names():
            raise NotEmpty(place=f"the database {db.url.render_as_string(hide_password=True)}")


def check_hub(settings: Settings) -> None:
    """Run fsck on a hub and print what it finds; exit code 1 on damage."""
    tally: Counter[str] = Counter()
    stores = open_stores(settings)
    try:
        with console().status("checking …"):
            found = list(repos.fsck(stores, tally))
    finally:
        stores.db.close()
    show(tally, found)
    if found:
        raise typer.Exit(1)
