"""`hubkeep backup`: everything of a hub in one folder, taken while it runs.

Order: all blobs, then the rows as one moment saw them, then the blobs that came since. Blobs never change, and none that is
named goes: so whatever the rows name is there. The manifest is written last; a folder without one is no backup.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from hubkeep import __version__, migrations
from hubkeep.cli.manifest import FORMAT, MANIFEST, Manifest, NotABackup
from hubkeep.cli.operator import console, existing, size
from hubkeep.cli.options import Data
from hubkeep.cli.restore import check_hub, restore_backup
from hubkeep.kit import Settings, now, wire_date
from hubkeep.kit.rows import dump_rows
from hubkeep.kit.settings import StorageSettings
from hubkeep.repos import Stores
from hubkeep.storage import LocalBlobs, mirror


def backup(
    target: Annotated[
        Path, typer.Argument(help="Folder of the backup; give the same one again and only news is copied.")
    ],
    data: Data = None,
    *,
    copy: Annotated[
        bool, typer.Option("--copy", help="Copy files even where a second name would do.")
    ] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Restore it aside and run fsck on that.")] = False,
) -> None:
    """Back the hub up while it runs: database and all files. The folder holds secrets; keep it as safe as the hub."""
    with existing(data) as stores, console().status("copying files …") as status:
        made = make_backup(stores, target, link=not copy, tell=status.update)
    rows = sum(made.tables.values())
    console().print(f"backed up {rows:,} rows and {made.blobs:,} files, {size(made.bytes)}, to {target}")
    if verify:
        _verify(target)


def make_backup(
    stores: Stores, target: Path, *, link: bool = True, tell: Callable[[str], None] = lambda _: None
) -> Manifest:
    """Write the hub into `target`, which is empty or an older backup. Raises NotABackup."""
    with _alone(target):
        blobs = LocalBlobs(target / "blobs")
        _copy(stores, blobs, link, tell)
        tell("writing rows …")
        rows = target / f"rows-{now():%Y%m%dT%H%M%S%f}"
        rows.mkdir(mode=0o700)
        with stores.db.read() as tx:
            tables = dump_rows(tx, rows)
        for file in rows.iterdir():
            _sync(file)
        _copy(stores, blobs, link, tell)
        stats = [stat.size for stat in blobs.list()]
        made = Manifest(
            FORMAT,
            __version__,
            wire_date(now()),
            migrations.head(),
            rows.name,
            tables,
            len(stats),
            sum(stats),
        )
        _write(target, made)
        for old in target.glob("rows-*"):
            if old != rows:
                shutil.rmtree(old)
    return made


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Take the folder for this backup."""
    try:
        target.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise NotABackup(folder=target, reason="is no folder") from None
    ours = {MANIFEST, "blobs", ".lock"}
    strangers = [path.name for path in target.iterdir() if path.name not in ours and path.name[:5] != "rows-"]
    if strangers:
        raise NotABackup(folder=target, reason=f"holds other things ({strangers[0]})")
    target.chmod(0o700)  # the rows hold password hashes and the hub's signing secret
    with (target / ".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise NotABackup(folder=target, reason="is being written by another backup") from None
        yield


def _copy(stores: Stores, blobs: LocalBlobs, link: bool, tell: Callable[[str], None]) -> None:
    copied = 0
    for count, stat in enumerate(mirror(stores.blobs, blobs, link=link), 1):
        copied += stat.size
        tell(f"copied {count:,} files, {size(copied)} …")


def _verify(target: Path) -> None:
    """Make a hub of the backup beside it, of second names of its files, and check that."""
    aside = target / "rows-verify"
    settings = Settings(data=aside / "data", database_url="", storage=StorageSettings())
    try:
        restore_backup(settings, target)
        check_hub(settings)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write(target: Path, made: Manifest) -> None:
    aside = target / f"{MANIFEST}.new"
    aside.write_text(json.dumps(asdict(made), indent=2) + "\n")
    _sync(aside)
    aside.replace(target / MANIFEST)
    _sync(target)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
