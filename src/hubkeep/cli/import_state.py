"""What an import knows and tells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from hubkeep import accounts
from hubkeep.accounts import COMMAND_LINE, Carried, OwnerKind
from hubkeep.cli.bundle_people import read
from hubkeep.cli.bundle_records import BundleManifest
from hubkeep.repos import Stores


class Authors(StrEnum):
    """Whose words of a bundle are."""

    KEEP = "keep"  # of whoever has that name here; without one, of an account that is added and that nobody can use yet
    NONE = "none"  # nobody's


@dataclass
class Imported:
    """What came of it, by full names. `incomplete`: how many large files of one that was made nobody has."""

    made: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    incomplete: dict[str, int] = field(default_factory=dict)
    collections: int = 0
    webhooks: int = 0


@dataclass(frozen=True)
class Bundle:
    """A bundle that is being read: where it is, what it says of itself, and whether people keep their words."""

    folder: Path
    manifest: BundleManifest
    owners: Mapping[str, Carried]  # by lower-case name
    authors: Authors

    @classmethod
    def of(cls, folder: Path, manifest: BundleManifest, authors: Authors) -> "Bundle":
        """Open a bundle whose manifest was read."""
        owners = {one.name.lower(): read(Carried, one, {}) for one in manifest.owners}
        return cls(folder, manifest, owners, authors)

    def people(self, stores: Stores, owner: str, named: set[str]) -> dict[str, int]:
        """Return the number here of everybody in `named`, by lower-case name; they and `owner` are added if need be.

        Raises BadInput: a name that nobody may have here.
        """
        named = named if self.authors is Authors.KEEP else set()
        wanted = [*self._carried(owner).members, owner, *sorted(named)]
        numbers: dict[str, int] = {}
        for name in dict.fromkeys(wanted, None):
            with stores.db.write() as tx:
                numbers[name.lower()] = accounts.carry_in(tx, COMMAND_LINE, self._carried(name))[0]
        return {name: numbers[name] for name in named}

    def _carried(self, name: str) -> Carried:
        return self.owners.get(name.lower()) or Carried(name, OwnerKind.USER)
