"""Keep this node's git cache within its limit, from the side: nobody who reads waits for it."""

import logging
import threading

from hubkeep.git.cache import GitCache

log = logging.getLogger(__name__)
EVERY_SECONDS = 1800


class Tidier:
    """Tidies once in a while until it is stopped. Each process has one: a cache belongs to a node, and jobs to any of them."""

    def __init__(self, cache: GitCache, max_bytes: int, every_seconds: float = EVERY_SECONDS) -> None:
        self._cache, self._max, self._every = cache, max_bytes, every_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="git-cache", daemon=True)

    def start(self) -> None:
        """Begin, unless there is no limit."""
        if self._max:
            self._thread.start()

    def stop(self) -> None:
        """End; what is under way is harmless at any point."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            try:
                left = self._cache.tidy(self._max)
            except OSError:
                log.exception("the git cache could not be tidied; it is tried again later")
            else:
                log.debug("tidied the git cache", extra={"bytes": left})
