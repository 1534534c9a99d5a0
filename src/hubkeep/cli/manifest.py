"""What a backup says of itself: the file that is written last, without which a folder is no backup."""

import json
from dataclasses import dataclass
from pathlib import Path

from hubkeep.kit import HubError

FORMAT = 1
MANIFEST = "hubkeep-backup.json"


class NotABackup(HubError):
    """A folder that holds something else."""

    status, text = 409, "{folder} {reason}."


@dataclass(frozen=True)
class Manifest:
    """What a backup is: its format, who made it when, the schema's revision, the folder of the rows, what is in it."""

    format: int
    hubkeep: str
    made_at: str
    revision: str
    rows: str
    tables: dict[str, int]
    blobs: int
    bytes: int


def read_manifest(folder: Path) -> Manifest:
    """Return what a backup says of itself. Raises NotABackup."""
    try:
        found = Manifest(**json.loads((folder / MANIFEST).read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise NotABackup(folder=folder, reason=f"is no backup of a hub ({error})") from None
    if found.format != FORMAT:
        raise NotABackup(folder=folder, reason=f"has format {found.format}; this release reads {FORMAT}")
    return found
