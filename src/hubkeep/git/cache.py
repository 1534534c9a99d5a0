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
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import pygit2

from hubkeep.git.bare import link_or_copy
from hubkeep.git.errors import GitFailed
from hubkeep.git.handle import Handle, open_handle
from hubkeep.git.pack_index import object_count
from hubkeep.git.packed_refs import RefLine, text_of
from hubkeep.git.place import Place
from hubkeep.git.reader import Reader
from hubkeep.git.repack import Merged, merge, worth_merging
from hubkeep.git.serve import Lent
from hubkeep.git.types import Pack
from hubkeep.storage import Blobs

MAX_IDLE = 256  # open object databases kept for the next reader; about 100 KiB each
MAX_OPEN_PACKS = 400  # file descriptors that libgit2 may hold, all repositories together
PENDING_SECONDS = 3600
OPEN_ATTEMPTS = 10
COPY_BYTES = 1 << 20


class GitCache:
    """Opens repositories by number, from any thread. `root` is the folder, `scratch` is for files in the making."""

    def __init__(self, root: Path, blobs: Blobs, scratch: Path) -> None:
        self._root, self._blobs, self.scratch = root.absolute(), blobs, scratch
        self._root.mkdir(parents=True, exist_ok=True)
        self._idle: OrderedDict[int, list[Handle]] = OrderedDict()
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
            with self._reader_of_pending(place, names, pending) as reader:
                yield reader
            return
        handle = self._open(place, names)
        try:
            # In this order: a pack that made `need` visible announced its companions before.
            if need is None or need not in handle.odb or place.arriving():
                self.fetch(repo_id, names())
            yield Reader(handle.odb, place.directory, lambda: self.fetch(repo_id, names()))
        finally:
            self._give_back(repo_id, handle)

    def lend(
        self,
        repo_id: int,
        version: int,
        head: str,
        refs: Callable[[], Iterable[RefLine]],
        names: Callable[[], Sequence[str]],
    ) -> Lent:
        """Lend a repository to the git command, with its refs as of `version` (they count up) or later.

        `head` is the default branch's full name. `refs` is called before `names`, and both only when something moved: the
        packs must hold everything that the refs need.
        """
        place = self.place(repo_id)
        handle = self._open(place, names)
        try:
            found = place.refs_version()
            if found < version or place.arriving():
                text = text_of(version, refs())
                self.fetch(repo_id, names())
                with place.locked():
                    if (found := place.refs_version()) < version:
                        place.write_refs(text, head)
                        found = version
        except BaseException:
            self._give_back(repo_id, handle)
            raise
        return Lent(place.directory, found, lambda: self._give_back(repo_id, handle))

    def store(self, repo_id: int, pack: Path, idx: Path, objects: int) -> Pack:
        """Move a finished pack (`PackWriter.finish`) into the blob store; it is durable when this returns.

        It belongs to nobody until it is published.
        """
        name = f"pack-{_checksum(pack)}"
        size = pack.stat().st_size + idx.stat().st_size
        place = self.place(repo_id)
        with suppress(FileNotFoundError):  # the cache is being deleted: the pack can be fetched
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
                self._set_aside(place, name)
            place.take_in(missing)
            place.sweep(PENDING_SECONDS)
        return place

    def repack(self, repo_id: int, names: Sequence[str]) -> Merged | None:
        """Store a pack that has every object of the small ones among `names`; None when merging is not worth it."""
        place = self.fetch(repo_id, names)
        small = worth_merging({name: place.pack_bytes(name) for name in names})
        if len(small) < 2:
            return None
        folder, pack, idx = merge(place.directory, small, self.scratch)
        try:
            merged = self.store(repo_id, pack, idx, object_count(idx))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return Merged(merged, tuple(name for name in small if name != merged.name))

    def drop_packs(
        self, repo_id: int, gone: Sequence[str], names: Sequence[str], unused_since: datetime
    ) -> None:
        """Delete packs whose objects are by now in those of `names`, the published ones.

        A pack that somebody stored again after `unused_since` stays: they may be about to publish it.
        """
        place = self.fetch(repo_id, names)
        for name in set(gone) - set(names):
            if not self._blobs.collect(key(repo_id, name, "idx"), unused_since):
                continue
            self._blobs.collect(key(repo_id, name, "pack"), unused_since)
            with place.locked():
                place.drop(name)
        self._close_idle(repo_id)

    def forget(self, repo_id: int) -> None:
        """Drop the local copy of a repository that was deleted, in use or not; blobs stay."""
        self._close_idle(repo_id)
        self.place(repo_id).remove()

    def tidy(self, max_bytes: int) -> int:
        """Drop the least recently opened repositories that nobody uses, until copies take `max_bytes` at most.

        Links to blobs on the same disk cost nothing and count nothing. Returns the bytes that are left.
        """
        found = sorted(self._places(), key=lambda place: place.opened_at())
        sizes = {place.repo_id: place.own_bytes() for place in found}
        left = sum(sizes.values())
        for place in found:
            if left <= max_bytes:
                break
            self._close_idle(place.repo_id)
            if sizes[place.repo_id] and place.remove_unused():
                left -= sizes[place.repo_id]
        return left

    def place(self, repo_id: int) -> Place:
        """Return where a repository is kept on this node."""
        return Place(self._root / f"{repo_id % 256:02x}", repo_id)

    @contextmanager
    def _reader_of_pending(
        self, place: Place, names: Callable[[], Sequence[str]], pending: Sequence[str]
    ) -> Iterator[Reader]:
        published = [name for name in names() if name not in pending]
        self.fetch(place.repo_id, published)
        handle = self._open(place, lambda: published, fresh=True)
        try:
            for name in pending:
                with place.locked():
                    if not place.has(name):
                        self._set_aside(place, name)
                        handle.odb.add_disk_alternate(str(place.aside(name)))
            yield Reader(handle.odb, place.directory, lambda: None)
        finally:
            handle.close()

    def _set_aside(self, place: Place, name: str) -> None:
        """Link or download a pack; its index comes last, and with it the pack is complete."""
        if place.is_aside(name):
            return
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

    def _open(self, place: Place, names: Callable[[], Sequence[str]], *, fresh: bool = False) -> Handle:
        """Open the folder, an idle handle if there is one; fetch the folder when it is not there."""
        if not fresh:
            with self._lock:
                idle = self._idle.get(place.repo_id)
                if idle and place.ready():
                    handle = idle.pop()
                    self._idle_count -= 1
                    if not idle:
                        del self._idle[place.repo_id]
                    return handle
        for _ in range(OPEN_ATTEMPTS):
            opened = open_handle(place.directory)
            if opened is not None:
                return opened
            self.fetch(place.repo_id, names())
        raise GitFailed(command="open", reason="the local copy of the repository cannot be opened")

    def _give_back(self, repo_id: int, handle: Handle) -> None:
        with self._lock:
            self._idle.setdefault(repo_id, []).append(handle)
            self._idle.move_to_end(repo_id)
            self._idle_count += 1
            while self._idle_count > MAX_IDLE:
                oldest, handles = next(iter(self._idle.items()))
                handles.pop(0).close()
                self._idle_count -= 1
                if not handles:
                    del self._idle[oldest]

    def _close_idle(self, repo_id: int) -> None:
        with self._lock:
            handles = self._idle.pop(repo_id, [])
            self._idle_count -= len(handles)
        for handle in handles:
            handle.close()

    def _places(self) -> Iterator[Place]:
        for shard in self._root.iterdir():
            for folder in shard.iterdir():
                if folder.name.isdigit():
                    yield Place(shard, int(folder.name))


def key(repo_id: int, name: str, suffix: str) -> str:
    """Return the blob key of a pack or its index."""
    return f"git/{repo_id}/{name}.{suffix}"


def _checksum(pack: Path) -> str:
    """Return a pack's own checksum, its last 20 bytes: packs are named by it."""
    with pack.open("rb") as file:
        file.seek(-20, 2)
        return file.read().hex()
