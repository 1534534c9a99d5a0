"""Send written bytes to the disk while more arrive, so that the sync at the end has little left to wait for."""

import ctypes
import os

_WRITE = 2  # SYNC_FILE_RANGE_WRITE: begin, do not wait. Source: sync_file_range(2)
_STEP = 8 << 20
_LATER = (
    32 << 20
)  # how far behind the end bytes are surely on the disk, or the disk is slower than the network


def _find() -> "ctypes._NamedFuncPointer | None":
    try:
        found = ctypes.CDLL(None, use_errno=True).sync_file_range
    except (OSError, AttributeError):  # not Linux, or a C library without it
        return None
    found.argtypes = [ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint]
    return found


_sync_file_range = _find()


class WriteBehind:
    """Follows a file that grows from `offset`. A hint and no promise: what must last is synced by whoever keeps the file.

    With `forget`, what has reached the disk leaves the page cache: a large upload is not read again for a while, and takes the
    memory of what everybody downloads otherwise.
    """

    def __init__(self, fd: int, offset: int = 0, *, forget: bool = False) -> None:
        self._fd, self._started, self._written = fd, offset, offset
        self._forget, self._forgotten = forget and hasattr(os, "posix_fadvise"), offset

    def wrote(self, size: int) -> None:
        """Note `size` more bytes; now and then start them on their way."""
        self._written += size
        if _sync_file_range is None or self._written - self._started < _STEP:
            return
        _sync_file_range(self._fd, self._started, self._written - self._started, _WRITE)
        self._started = self._written
        size = self._written - _LATER - self._forgotten
        if self._forget and size > 0:
            os.posix_fadvise(self._fd, self._forgotten, size, os.POSIX_FADV_DONTNEED)
            self._forgotten += size
