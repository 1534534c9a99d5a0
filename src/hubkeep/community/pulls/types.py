"""What a pull request is, beside being a discussion."""

from collections.abc import Sequence
from dataclasses import dataclass

from hubkeep.community.discussions import Details, Happened
from hubkeep.git import Change
from hubkeep.repos import File


@dataclass(frozen=True)
class Opened:
    """A pull request that a commit opened."""

    happened: Happened
    oid: str


@dataclass(frozen=True)
class PullDetails:
    """A discussion; for a pull request also whether it can be merged, and what it changes.

    `conflicts` are paths; `conflicting` is True when it cannot be merged and nobody can say where. `diff` is None unless it
    was asked for. `diff_base` and `diff_head` are the commits it is between, None when one of them is gone.
    """

    details: Details
    conflicts: Sequence[str] = ()
    conflicting: bool = False
    diff: str | None = None
    diff_base: str | None = None
    diff_head: str | None = None


@dataclass(frozen=True)
class ChangedFile:
    """A file that a pull request adds, changes or deletes: as it was and as it would be, None where it is not there."""

    change: Change
    old: File | None
    new: File | None


@dataclass(frozen=True)
class Changes:
    """What a pull request changes: the first files of `total`, between two commits."""

    base: str
    head: str
    files: Sequence[ChangedFile]
    more: bool
