"""What an import knows and tells."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from hubkeep import accounts, repos
from hubkeep.accounts import COMMAND_LINE, MAX_PICTURE_BYTES, Carried, OwnerKind, OwnerNotFound
from hubkeep.cli import bundle_format as form
from hubkeep.cli.bundle_people import read
from hubkeep.cli.bundle_records import BundleManifest, FileFacts
from hubkeep.kit import ReadTx
from hubkeep.repos import Kind, Stores


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


def is_here(tx: ReadTx, kind: Kind, owner: str, name: str) -> bool:
    """Tell whether a repository is here, under the name that its owner has now."""
    with suppress(OwnerNotFound):
        owner = accounts.owner_now(tx, owner).name
    return repos.by_name(tx, kind, f"{owner}/{name}") is not None


@dataclass(frozen=True)
class Bundle:
    """A bundle that is being read: where it is, what it says of itself, and whether people keep their words."""

    folder: Path
    manifest: BundleManifest
    owners: Mapping[str, Carried]  # by lower-case name
    pictures: Mapping[str, FileFacts]  # likewise
    authors: Authors

    @classmethod
    def of(cls, folder: Path, manifest: BundleManifest, authors: Authors) -> "Bundle":
        """Open a bundle whose manifest was read."""
        owners = {one.name.lower(): read(Carried, one, {}) for one in manifest.owners}
        pictures = {one.name.lower(): one.picture for one in manifest.owners if one.picture is not None}
        return cls(folder, manifest, owners, pictures, authors)

    def people(self, stores: Stores, owner: str, named: set[str]) -> dict[str, int]:
        """Return the number here of everybody in `named`, by lower-case name; they and `owner` are added if need be.

        Raises BadInput: a name that nobody may have here.
        """
        named = named if self.authors is Authors.KEEP else set()
        wanted = [*self._carried(owner).members, owner, *sorted(named)]
        numbers: dict[str, int] = {}
        for name in dict.fromkeys(wanted, None):
            carried = self._with_picture(stores, self._carried(name))
            with stores.db.write() as tx:
                numbers[name.lower()] = accounts.carry_in(tx, COMMAND_LINE, carried)[0]
        return {name: numbers[name] for name in named}

    def _with_picture(self, stores: Stores, carried: Carried) -> Carried:
        """Keep the picture of somebody who is not here yet; drawn anew, for it may be anything. Raises NotABundle, BadPicture."""
        facts = self.pictures.get(carried.name.lower())
        with stores.db.read() as tx, suppress(OwnerNotFound):
            accounts.owner_now(tx, carried.name)
            return carried
        if facts is None:
            return carried
        with form.checked(self.folder, form.picture_parts(facts.sha256), facts, MAX_PICTURE_BYTES) as file:
            return replace(carried, avatar=accounts.draw_avatar(stores.blobs, file.read()))

    def _carried(self, name: str) -> Carried:
        return self.owners.get(name.lower()) or Carried(name, OwnerKind.USER)
