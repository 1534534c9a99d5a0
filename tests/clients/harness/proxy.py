"""A wire between client and hub that counts bytes and can be cut."""

import contextlib
import socket
import threading
import time
from typing import Self


class Wire:
    """Passes TCP connections on to 127.0.0.1:`port`, counting what goes up and what comes down."""

    def __init__(self, port: int, listen: int = 0) -> None:
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", listen))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.up = self.down = 0
        self._cut_at: int | None = None
        self.was_cut = False
        self._hold: tuple[bytes, float] | None = None
        self._counting = threading.Lock()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, name="wire", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def reset(self) -> None:
        """Count from zero."""
        with self._counting:
            self.up = self.down = 0

    def cut_once(self, after: int) -> None:
        """Break off the connection that carries the byte `after` of all that comes down from now on."""
        with self._counting:
            self._cut_at, self.was_cut = self.down + after, False

    def hold_once(self, request: bytes, seconds: float) -> None:
        """Keep back the next piece of a request that has these bytes, so that it arrives late."""
        with self._counting:
            self._hold = request, seconds

    @property
    def has_held(self) -> bool:
        """True once something was kept back."""
        return self._hold is None

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            hub = socket.create_connection(self._target)
            for source, sink, direction in ((client, hub, "up"), (hub, client, "down")):
                threading.Thread(target=self._pass_on, args=(source, sink, direction), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, direction: str) -> None:
        try:
            while data := source.recv(1 << 18):
                with self._counting:
                    setattr(self, direction, getattr(self, direction) + len(data))
                    cut = direction == "down" and self._cut_at is not None and self.down >= self._cut_at
                    if cut:
                        self._cut_at, self.was_cut = None, True
                if cut:
                    break
                if direction == "up":
                    self._wait_if_held(data)
                sink.sendall(data)
        except OSError:
            pass
        finally:
            if direction == "up":
                _shut(sink, socket.SHUT_WR)  # the client has said all; the answer may still come
            else:
                _shut(sink, socket.SHUT_RDWR)
                _shut(source, socket.SHUT_RDWR)

    def _wait_if_held(self, data: bytes) -> None:
        with self._counting:
            if self._hold is None or self._hold[0] not in data:
                return
            seconds, self._hold = self._hold[1], None
        time.sleep(seconds)


def _shut(end: socket.socket, how: int) -> None:
    """Say goodbye. Not `close`: that would wait for the other thread, which still reads."""
    with contextlib.suppress(OSError):
        end.shutdown(how)
