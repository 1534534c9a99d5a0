"""Make a hub of many repositories, to see how it looks and feels when it is large: names, tags and counters as on a real one.

Everything follows from a seed. Only the most downloaded repositories have files; the others are found and listed.
"""

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hubkeep import accounts, repos, search
from hubkeep.accounts import NameTaken
from hubkeep.demo import words
from hubkeep.git import PackWriter, Put, default_attributes, edit_tree
from hubkeep.kit import now
from hubkeep.kit.bulk import make_room
from hubkeep.repos import Info, Kind, Made, Repo, Stores

BATCH = 10_000  # repositories in one transaction
OWNERS = 2_000  # users and organizations at most
WITH_FILES = 100
PRIVATE = 0.1
YEARS, DAY = 3, 24 * 3600
Progress = Callable[[int, str], None]


@dataclass(frozen=True)
class _Owner:
    id: int
    name: str


def many(stores: Stores, count: int, *, seed: int = 1, progress: Progress = lambda _, __: None) -> None:
    """Add `count` repositories to a hub that nobody else writes to meanwhile; `progress` hears how many there are."""
    dice = random.Random(seed)  # noqa: S311  a demo's dice
    owners = _people(stores, dice, min(OWNERS, max(3, count // 20)))
    with stores.db.read() as tx:
        first = repos.first_free_id(tx)
    filler = search.Filler(stores.db)
    maker = _Maker(dice, owners, first, count)
    for start in range(0, count, BATCH):
        made = [maker.make(first + number) for number in range(start, min(start + BATCH, count))]
        made = _with_files(stores, made, WITH_FILES * len(made) // count + 1)
        with stores.db.write() as tx:
            make_room(tx)
            repos.add_many(tx, made)
            filler.add(tx, [Info(one.repo, one.oid, one.metadata) for one in made], _days(made))
        progress(start + len(made), "repositories")
    progress(count, "building the orders")
    filler.finish()


def _days(made: Sequence[Made]) -> dict[int, int]:
    """Return the day on which each one's downloads and late likes happened."""
    today = now().date().toordinal()
    return {
        one.repo.id: today - _days_ago(one.repo.id)
        for one in made
        if one.repo.downloads or one.repo.likes_30d
    }


def _days_ago(number: int) -> int:
    return number * 7919 % 30


def _people(stores: Stores, dice: random.Random, count: int) -> list[_Owner]:
    """Add users and organizations; those that are there already are taken as they are."""
    names = words.owner_names(dice, count)
    found = []
    for start in range(0, count, 500):
        with stores.db.write() as tx:
            for number, name in enumerate(names[start : start + 500]):
                try:
                    if number % 10 == 0:
                        accounts.add_org(tx, name, {}, fullname=name.replace("-", " ").title())
                    else:
                        accounts.add_user(tx, name, fullname=name.replace("-", " ").title())
                except NameTaken:
                    pass
                found.append(_Owner(accounts.owner_named(tx, name).id, name))
    return found


class _Maker:
    """Makes up repositories, one number after another."""

    def __init__(self, dice: random.Random, owners: Sequence[_Owner], first: int, count: int) -> None:
        self._dice, self._owners, self._first, self._count = dice, owners, first, count
        self._from = now() - timedelta(days=365 * YEARS)
        self._step = timedelta(days=365 * YEARS) / max(count, 1)

    def make(self, number: int) -> Made:
        """Make the repository of that number: the higher, the newer."""
        dice = self._dice
        kind = dice.choices((Kind.MODEL, Kind.DATASET, Kind.SPACE), (70, 20, 10))[0]
        owner = self._owners[int(len(self._owners) * dice.random() ** 3)]
        created = self._from + self._step * (number - self._first)
        age = (now() - created).total_seconds()
        downloads = min(int(dice.paretovariate(0.55)) - 1, 40_000_000) if kind is not Kind.SPACE else 0
        storage = int(dice.paretovariate(0.4) * 10_000) % (1 << 40)
        likes = int(dice.paretovariate(0.9) * (1 + downloads) ** 0.25) - 1
        likes_30d = likes if age < 30 * DAY else likes // 20
        metadata, name = words.describe(dice, kind, number)
        repo = Repo(
            id=number,
            kind=kind,
            owner_id=owner.id,
            owner=owner.name,
            name=name,
            creator_id=None,
            private=dice.random() < PRIVATE,
            gated=dice.choices(("", "auto", "manual"), (95, 3, 2))[0],
            disabled=False,
            sdk=metadata.sdk,
            default_branch="main",
            refs_version=1,
            downloads=downloads,
            downloads_all_time=downloads * dice.randint(1, 20),
            likes=likes,
            likes_30d=likes_30d,
            trending=round(search.score(_days_ago(number), downloads, likes_30d), 2),
            used_storage=storage,
            main_size=storage * 2 // 3,
            created_at=_whole(created),
            last_modified=_whole(created + timedelta(seconds=age * dice.random() ** 2)),
        )
        return Made(repo, hashlib.sha1(str(number).encode(), usedforsecurity=False).hexdigest(), metadata)


def _whole(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)


def _with_files(stores: Stores, made: list[Made], count: int) -> list[Made]:
    """Give the most downloaded ones a commit with a card."""
    popular = {one.repo.id for one in sorted(made, key=lambda one: -one.repo.downloads)[:count]}
    return [_commit(stores, one) if one.repo.id in popular else one for one in made]


def _commit(stores: Stores, one: Made) -> Made:
    card = words.card(one.repo, one.metadata)
    files = {".gitattributes": default_attributes(one.repo.kind.value), "README.md": card}
    with PackWriter(stores.scratch) as writer:
        edits = {path: Put(writer.add("blob", text.encode())) for path, text in files.items()}
        tree = edit_tree(None, writer, None, edits)
        author = (one.repo.owner, f"{one.repo.owner}@users.noreply.localhost")
        oid = writer.add_commit(tree, [], author, "initial commit", one.repo.created_at)
        written = writer.finish()
        assert written is not None
        pack = stores.git.store(one.repo.id, *written)
    size = sum(len(text.encode()) for text in files.values())
    return Made(replace(one.repo, main_size=size), oid, one.metadata, pack)
