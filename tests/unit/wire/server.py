"""A real uvicorn on a real socket, in a thread, and a plain HTTP/1.1 client that sees every byte."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import uvicorn
from starlette.types import ASGIApp

from hubkeep.wire.zerocopy import ZeroCopyProtocol


@contextmanager
def serving(app: ASGIApp, loop: str = "uvloop", **options: Any) -> Iterator[int]:
    """Serve `app` as `hubkeep serve` does; yield the port."""
    config = uvicorn.Config(
        app,
        port=0,
        http=ZeroCopyProtocol,
        loop=loop,
        lifespan="off",
        log_config=None,
        access_log=False,
        **options,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.005)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = server.force_exit = True
        thread.join(60)


class Wire:
    """One connection."""

    def __init__(self, port: int, receive_buffer: int = 0) -> None:
        self.sock = socket.socket()
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(60)
        self.sock.connect(("127.0.0.1", port))
        self.rest = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def ask(self, path: str, method: str = "GET", **headers: str) -> None:
        lines = [f"{method} {path} HTTP/1.1", "Host: hub.test"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.sock.sendall("\r\n".join([*lines, "", ""]).encode())

    def head(self) -> tuple[int, dict[str, str]]:
        """Read status and headers."""
        while b"\r\n\r\n" not in self.rest:
            self._more()
        text, _, self.rest = self.rest.partition(b"\r\n\r\n")
        first, *lines = text.decode().split("\r\n")
        pairs = (line.split(": ", 1) for line in lines)
        return int(first.split()[1]), {name.lower(): value for name, value in pairs}

    def body(self, length: int) -> bytes:
        """Read so many bytes."""
        while len(self.rest) < length:
            self._more()
        got, self.rest = self.rest[:length], self.rest[length:]
        return got

    def answer(self) -> tuple[int, bytes]:
        """Read a whole answer."""
        status, headers = self.head()
        return status, self.body(int(headers["content-length"]))

    def ended_after(self) -> int:
        """Read on until the server closes; return how many bytes came. Raises TimeoutError when it does not."""
        got = len(self.rest)
        try:
            while piece := self.sock.recv(1 << 20):
                got += len(piece)
        except ConnectionResetError:
            pass
        return got

    def ended(self) -> bool:
        """Read on until the server closes; True if it does."""
        try:
            while self.sock.recv(1 << 20):
                pass
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False
        return True

    def _more(self) -> None:
        got = self.sock.recv(1 << 20)
        if not got:
            raise EOFError
        self.rest += got
