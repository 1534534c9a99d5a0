"""What a push may bring: no large file in git itself, no pointer to a file that is not here, no card that cannot be read."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice

from hubkeep.cas import held
from hubkeep.git import BadPack, NewObject, PointerAt, Quarantine, Reader
from hubkeep.repos.push_rules import Move
from hubkeep.repos.types import Repo, Stores
from hubkeep.repos.validate_yaml import validate_yaml

MAX_TOLD = 20
MAX_PATH_BYTES = 4096
MAX_DEPTH = 512
BATCH = 10_000
# No pointer is shorter: the version line, a hash, a size of one digit. Source: the git-lfs specification.
MIN_POINTER, MAX_POINTER = 126, 1023
CARD = "README.md"


def complaints(stores: Stores, repo: Repo, quarantine: Quarantine | None, moves: Sequence[Move]) -> list[str]:
    """Return what is wrong with the content that a push brings, a line each; nothing when all is well."""
    tips = [move.update.new for move in moves if move.update.new is not None]
    if quarantine is None or not tips:
        return []
    try:
        found = chain(
            _bad_objects(stores, repo, quarantine, tips), _bad_card(repo, quarantine.reader(), moves)
        )
        told = list(islice(found, MAX_TOLD + 1))
    except BadPack as error:
        return [str(error)]
    return told if len(told) <= MAX_TOLD else [*told[:MAX_TOLD], "… and more"]


def _bad_objects(stores: Stores, repo: Repo, quarantine: Quarantine, tips: Sequence[str]) -> Iterator[str]:
    limit = stores.settings.git.max_plain_bytes
    small: list[NewObject] = []
    for new in quarantine.new_objects(tips):
        if reason := _bad_path(new.path):
            yield reason
        if new.kind != "blob":
            continue
        if new.size > limit:
            path = _shown(new.path)
            yield (
                f"{path} has {new.size:,} bytes: over {limit:,} a file must be pushed by LFS or Xet. "
                f'Try: git lfs migrate import --include="{path}"'
            )
        elif MIN_POINTER <= new.size <= MAX_POINTER:
            small.append(new)
            if len(small) == BATCH:
                yield from _bad_pointers(stores, repo, quarantine, small)
                small = []
    yield from _bad_pointers(stores, repo, quarantine, small)


def _bad_path(path: bytes) -> str | None:
    try:
        path.decode()
    except UnicodeDecodeError:
        return f"{_shown(path)}: the name is not UTF-8"
    if len(path) > MAX_PATH_BYTES or path.count(b"/") > MAX_DEPTH:
        return f"{_shown(path)}: the path is over {MAX_PATH_BYTES} bytes, or over {MAX_DEPTH} folders deep"
    return None


def _bad_pointers(
    stores: Stores, repo: Repo, quarantine: Quarantine, small: Sequence[NewObject]
) -> Iterator[str]:
    pointers = list(quarantine.pointers(small)) if small else []
    if not pointers:
        return
    with stores.db.read() as tx:
        here = held(tx, repo.id, {pointer.pointer_sha256 for pointer in pointers})
    for pointer in pointers:
        stored = here.get(pointer.pointer_sha256)
        if stored is None:
            yield f"{_name(pointer)} points to the large file {pointer.pointer_sha256}, which is not here. Try: git lfs push --all origin"
        elif stored.size != pointer.pointer_size:
            yield f"{_name(pointer)} says {pointer.pointer_size} bytes, but the large file {stored.sha256} has {stored.size}"


def _bad_card(repo: Repo, reader: Reader, moves: Sequence[Move]) -> Iterator[str]:
    """Check the card when the push changes it on the default branch."""
    for move in moves:
        if move.update.name != f"refs/heads/{repo.default_branch}" or move.update.new is None:
            continue
        card = reader.entry(move.update.new, CARD)
        before = reader.entry(move.update.old, CARD) if move.update.old else None
        if card is None or card.kind != "file" or (before is not None and before.oid == card.oid):
            continue
        found = validate_yaml(reader.blob(card.oid).decode("utf-8", "replace"), repo.kind)
        yield from (f"{CARD}: {error}" for error in found.errors)


def _name(pointer: PointerAt) -> str:
    return pointer.path[:200] or pointer.oid


def _shown(path: bytes) -> str:
    return "".join(c if c.isprintable() else "�" for c in path.decode("utf-8", "replace")[:200])
