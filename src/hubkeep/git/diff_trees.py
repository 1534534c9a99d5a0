"""What differs between two trees: only folders that differ are read."""

from collections.abc import Iterator
from dataclasses import dataclass

from hubkeep.git.edit_tree import Trees
from hubkeep.git.objects import EMPTY_TREE, sort_key
from hubkeep.git.types import DIRECTORY

Item = tuple[int, bytes]  # mode and raw object id, as trees have them


@dataclass(frozen=True, slots=True)
class Change:
    """A file that differs: (mode, object id) before and after, None where there is none."""

    path: str
    old: tuple[int, str] | None
    new: tuple[int, str] | None


def diff_trees(reader: Trees, old: str | None, new: str | None) -> Iterator[Change]:
    """Yield the files that differ between two trees (None: the empty one), in path order, without looking for renames."""
    stack = [(b"", old or EMPTY_TREE, new or EMPTY_TREE)]
    pending: list[Change | tuple[bytes, str, str]] = list(stack)  # depth first, in order
    while pending:
        step = pending.pop()
        if isinstance(step, Change):
            yield step
            continue
        folder, old_oid, new_oid = step
        pending.extend(reversed(_folder(reader, folder, old_oid, new_oid)))


def _folder(
    reader: Trees, folder: bytes, old_oid: str, new_oid: str
) -> list[Change | tuple[bytes, str, str]]:
    """Return the differing files and folders right inside a folder, in order."""
    old, new = reader.tree(old_oid), reader.tree(new_oid)
    names = {name for name, _ in old.items() ^ new.items()}
    found: list[tuple[bytes, Change | tuple[bytes, str, str]]] = []
    for name in names:
        before, after = old.get(name), new.get(name)
        path = folder + name
        files = (_file(before), _file(after))
        if files != (None, None):
            found.append((sort_key(name, 0), Change(path.decode("utf-8", "replace"), *files)))
        folders = (_folder_of(before), _folder_of(after))
        if folders != (EMPTY_TREE, EMPTY_TREE):
            found.append((sort_key(name, DIRECTORY), (path + b"/", *folders)))
    return [step for _, step in sorted(found, key=lambda pair: pair[0])]


def _file(item: Item | None) -> tuple[int, str] | None:
    return (item[0], item[1].hex()) if item is not None and item[0] != DIRECTORY else None


def _folder_of(item: Item | None) -> str:
    return item[1].hex() if item is not None and item[0] == DIRECTORY else EMPTY_TREE
