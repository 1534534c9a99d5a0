"""Would it merge? Asked on every look at an open pull request, so answers are kept: commits never change."""

import threading
from collections import OrderedDict

from hubkeep.git import Merge, Nowhere, ObjectMissing, merge_commits
from hubkeep.repos import Stores

MAX_KEPT = 4096


class _Answers:
    """The last answers of this process, by repository and both commits."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, str, str], Merge] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[int, str, str]) -> Merge | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: tuple[int, str, str], answer: Merge) -> None:
        with self._lock:
            self._kept[key] = answer
            while len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)


_answers = _Answers()


def try_merge(stores: Stores, repo_id: int, packs: list[str], base: str, head: str) -> Merge:
    """Return what merging `head` into `base` would come to; nothing is written.

    Histories of which something is missing count as unrelated.
    """
    key = (repo_id, base, head)
    found = _answers.get(key)
    if found is None:
        try:
            with stores.git.reader(repo_id, head, lambda: packs) as reader:
                found = merge_commits(reader, Nowhere(), base, head, stores.scratch)
        except ObjectMissing:
            return Merge(None, None, related=False)
        _answers.put(key, found)
    return found
