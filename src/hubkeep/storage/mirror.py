"""Bring the blobs of one store into another."""

from collections.abc import Iterator

from hubkeep.storage.local import LocalBlobs
from hubkeep.storage.types import BlobNotFound, Blobs, Stat


def mirror(source: Blobs, target: Blobs, *, link: bool = True) -> Iterator[Stat]:
    """Copy every blob that `target` lacks; yield each when it is durable there.

    Both are walked in key order, so what is there already costs no question. With `link`, files of one disk get a second
    name instead of a copy. A blob that goes while we walk is left out: nothing names it any more.
    """
    known = iter(target.list())
    at = next(known, None)
    for stat in source.list():
        while at is not None and at.key < stat.key:
            at = next(known, None)
        if at is not None and (at.key, at.size) == (stat.key, stat.size):
            continue
        try:
            yield _copy(source, target, stat, link=link)
        except BlobNotFound:
            continue


def _copy(source: Blobs, target: Blobs, stat: Stat, *, link: bool) -> Stat:
    path = source.local_path(stat.key)
    if link and path is not None and isinstance(target, LocalBlobs):
        try:
            return target.share(stat.key, path)
        except FileNotFoundError:
            raise BlobNotFound(key=stat.key) from None
    with source.open(stat.key) as body:
        return target.put(stat.key, body)
