"""A stream that ends early."""

import io
from typing import IO


class Bounded(io.RawIOBase):
    """Reads at most `length` bytes of `inner`, then says end of file. Closes `inner` with itself."""

    def __init__(self, inner: IO[bytes], length: int) -> None:
        super().__init__()
        self._inner, self._left = inner, length

    def readable(self) -> bool:
        """Yes."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """Read up to `size` bytes, all that is left when negative."""
        want = self._left if size is None or size < 0 else min(size, self._left)
        chunk = self._inner.read(want)
        self._left -= len(chunk)
        return chunk

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        """Fill `buffer` as far as the bytes go."""
        chunk = self.read(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        """Close both."""
        self._inner.close()
        super().close()
