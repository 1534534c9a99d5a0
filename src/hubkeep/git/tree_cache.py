"""Parsed trees, kept in memory by their content's own name: never stale, safe to forget, shared by all repositories."""

import threading
from collections import OrderedDict

from hubkeep.git.objects import Tree


class TreeCache:
    """Forgets the least recently used trees when `limit` entries (of all trees together) are exceeded."""

    def __init__(self, limit: int) -> None:
        self._limit, self._held = limit, 0
        self._trees: OrderedDict[str, Tree] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, oid: str) -> Tree | None:
        """Return the tree if it is here."""
        with self._lock:
            tree = self._trees.get(oid)
            if tree is not None:
                self._trees.move_to_end(oid)
            return tree

    def put(self, oid: str, tree: Tree) -> None:
        """Keep a tree, unless it alone would fill a tenth of the room."""
        weight = len(tree) + 1
        if weight > self._limit // 10:
            return
        with self._lock:
            if oid in self._trees:
                return
            self._trees[oid] = tree
            self._held += weight
            while self._held > self._limit:
                _, gone = self._trees.popitem(last=False)
                self._held -= len(gone) + 1


# About 250 bytes an entry: 50 MB at most.
TREES = TreeCache(200_000)
