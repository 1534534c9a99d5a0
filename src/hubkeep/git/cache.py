"""The node's cache of git repositories: bare repositories whose packs are links to, or copies of, blobs.

Everything in the folder can be deleted at any time. Three promises hold between its writers, threads and processes
alike:

* A pack comes in only after it was published: what is in here may be built upon. Packs not published yet are set
  aside (`pending`), and a reader sees them only when it asks for them by name.
* Whoever finds a commit here finds everything below it: packs that come in together become visible together
  (`Place.arriving` says that they are on their way, readers then wait).
* A pack goes only after the packs that took over its objects came in.
"""

import shutil
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pygit2

from hubkeep.git.bare import link_or_copy
from hubkeep.git.pack_index import object_count
from hubkeep.git.place import Place
from hubkeep.git.reader import Reader
from hubkeep.git.types import Pack
from hubkeep.storage import Blobs

MAX_IDLE = 256  # open object databases kept for the next reader; about 100 KiB each
MAX_OPEN_PACKS = 400  # file descriptors that libgit2 may hold, all repositories together
PENDING_SECONDS = 3600
COPY_BYTES = 1 << 20


class GitCache:
    """Opens repositories by number, from any thread. `root` is the folder, `scratch` is for files in the making."""

    def __init__(self, root: Path, blobs: Blobs, scratch: Path) -> None:
        self._root, self._blobs, self.scratch = root.absolute(), blobs, scratch
        self._root.mkdir(parents=True, exist_ok=True)
        self._idle: OrderedDict[int, list[pygit2.Odb]] = OrderedDict()
        self._idle_count = 0
        self._lock = threading.Lock()
        pygit2.settings.mwindow_file_limit = MAX_OPEN_PACKS

    @contextmanager
    def reader(
        self,
        repo_id: int,
        need: str | None,
        names: Callable[[], Sequence[str]],
        pending: Sequence[str] = (),
    ) -> Iterator[Reader]:
        """Open a repository in which the commit `need` can be read with everything below it.

        `names` returns the published packs; it is called only when `need` (None: anything) is not here yet.
        `pending` are packs that were stored but not published: only this reader sees them.
        """
        place = self.place(repo_id)
        if pending:
            yield self._reader_of_pending(place, names, pending)
            return
        if not place.ready():
            self.fetch(repo_id, names())
        odb = self._borrow(repo_id, place)
        try:
            # In this order: a pack that made `need` visible announced its companions before.
            if need is None or need not in odb or place.arriving():
                self.fetch(repo_id, names())
            yield Reader(odb, place.directory, lambda: self.fetch(repo_id, names()))
        finally:
            self._give_back(repo_id, odb)

    def store(self, repo_id: int, pack: Path, idx: Path, objects: int) -> Pack:
        """Move a finished pack (`PackWriter.finish`) into the blob store; it is durable when this returns.

        It belongs to nobody until it is published.
        """
        name = f"pack-{_checksum(pack)}"
        size = pack.stat().st_size + idx.stat().st_size
        place = self.place(repo_id)
        place.set_aside(name, pack, idx)
        self._blobs.adopt(key(repo_id, name, "pack"), pack)
        self._blobs.adopt(key(repo_id, name, "idx"), idx)
        return Pack(name, size, objects)

    def copy(self, source_id: int, target_id: int, name: str) -> None:
        """Store a pack of one repository under another too; bytes are not copied where blobs are files."""
        for suffix in ("pack", "idx"):
            source, target = key(source_id, name, suffix), key(target_id, name, suffix)
            local = self._blobs.local_path(source)
            if local is None:
                with self._blobs.open(source) as body:
                    self._blobs.put(target, body)
            else:
                aside = self.scratch / f"copy-{target_id}-{name}-{threading.get_ident()}.{suffix}"
                link_or_copy(local, aside)
                self._blobs.adopt(target, aside)

    def fetch(self, repo_id: int, names: Sequence[str]) -> Place:
        """Bring in every pack of `names` that is not here; one at a time per repository, whoever asks."""
        place = self.place(repo_id)
        with place.locked():
            place.make()
            missing = [name for name in names if not place.has(name)]
            for name in missing:
                if not place.is_aside(name):
                    self._set_aside(place, name)
            place.take_in(missing)
            place.sweep(PENDING_SECONDS)
        return place

    def drop_packs(self, repo_id: int, gone: Sequence[str], names: Sequence[str]) -> None:
        """Delete packs whose objects are in those of `names`, the published ones, by now."""
        place = self.fetch(repo_id, names)
        self._forget_handles(repo_id)
        with place.locked():
            for name in set(gone) - set(names):
                place.drop(name)
        for name in set(gone) - set(names):
            self._blobs.delete(key(repo_id, name, "idx"))
            self._blobs.delete(key(repo_id, name, "pack"))

    def forget(self, repo_id: int) -> None:
        """Drop the local copy of a repository; blobs stay."""
        self._forget_handles(repo_id)
        self.place(repo_id).remove()

    def place(self, repo_id: int) -> Place:
        """Return where a repository is kept on this node."""
        return Place(self._root / f"{repo_id % 256:02x}", repo_id)

    def pack_of(self, repo_id: int, pack: Path, idx: Path) -> Pack:
        """Store a pack that the git command wrote."""
        return self.store(repo_id, pack, idx, object_count(idx))

    def _reader_of_pending(
        self, place: Place, names: Callable[[], Sequence[str]], pending: Sequence[str]
    ) -> Reader:
        self.fetch(place.repo_id, [name for name in names() if name not in pending])
        odb = pygit2.Odb(str(place.objects))
        for name in pending:
            if place.has(name):
                continue
            if not place.is_aside(name):
                with place.locked():
                    self._set_aside(place, name)
            odb.add_disk_alternate(str(place.aside(name)))
        return Reader(odb, place.directory, lambda: None)

    def _set_aside(self, place: Place, name: str) -> None:
        """Link or download a pack; its index comes last, and with it the pack is complete."""
        folder = place.aside(name) / "pack"
        folder.mkdir(parents=True, exist_ok=True)
        for suffix in ("pack", "idx"):
            blob, target = key(place.repo_id, name, suffix), folder / f"{name}.{suffix}"
            local = self._blobs.local_path(blob)
            if local is not None:
                self._blobs.stat(blob)  # a missing blob is told by its key
                link_or_copy(local, target)
                continue
            arriving = target.with_suffix(f".{suffix}-arriving")
            with self._blobs.open(blob) as body, arriving.open("wb") as file:
                shutil.copyfileobj(body, file, COPY_BYTES)
            arriving.replace(target)

    def _borrow(self, repo_id: int, place: Place) -> pygit2.Odb:
        with self._lock:
            idle = self._idle.get(repo_id)
            if idle:
                self._idle_count -= 1
                odb = idle.pop()
                if not idle:
                    del self._idle[repo_id]
                return odb
        return pygit2.Odb(str(place.objects))

    def _give_back(self, repo_id: int, odb: pygit2.Odb) -> None:
        with self._lock:
            self._idle.setdefault(repo_id, []).append(odb)
            self._idle.move_to_end(repo_id)
            self._idle_count += 1
            while self._idle_count > MAX_IDLE:
                oldest, handles = next(iter(self._idle.items()))
                handles.pop(0)
                self._idle_count -= 1
                if not handles:
                    del self._idle[oldest]

    def _forget_handles(self, repo_id: int) -> None:
        with self._lock:
            self._idle_count -= len(self._idle.pop(repo_id, []))


def key(repo_id: int, name: str, suffix: str) -> str:
    """Return the blob key of a pack or its index."""
    return f"git/{repo_id}/{name}.{suffix}"


def _checksum(pack: Path) -> str:
    """Return a pack's own checksum, its last 20 bytes: packs are named by it."""
    with pack.open("rb") as file:
        file.seek(-20, 2)
        return file.read().hex()
