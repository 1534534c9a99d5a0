"""Runs stories in a client's own interpreter: the other end of `client.py`.

A story arrives as a pickled function. Its parameters are filled by name: `hf` is the module `huggingface_hub`, `api` a
new `HfApi()` (endpoint and token come from the environment, as for any user), `tmp` an empty folder.
"""

import faulthandler
import inspect
import pickle
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import cloudpickle


def main(hub: Connection) -> None:
    """Answer stories until the other end closes."""
    faulthandler.register(signal.SIGUSR1)
    while True:
        try:
            parcel = hub.recv_bytes()
        except EOFError:
            return
        hub.send_bytes(answer(parcel))


def answer(parcel: bytes) -> bytes:
    """Return ("ok", result) or ("failed", traceback), pickled. A result must be made of plain Python values."""
    try:
        story, given = cloudpickle.loads(parcel)
        return pickle.dumps(("ok", story(**fill(story, given))))
    except BaseException as problem:  # noqa: BLE001  whatever happens in the client is news for the test
        # The first frame is this function; the test's reader wants to begin at the story.
        problem.__traceback__ = problem.__traceback__ and problem.__traceback__.tb_next
        return pickle.dumps(("failed", "".join(traceback.format_exception(problem))))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def fill(story: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments that the story asks for by name."""
    wanted = inspect.signature(story).parameters
    makers: dict[str, Callable[[], Any]] = {"hf": client, "api": lambda: client().HfApi(), "tmp": folder}
    return {name: make() for name, make in makers.items() if name in wanted and name not in given} | given


def client() -> Any:
    """Return the client's module; imported late, so that stories for other libraries do not pay for it."""
    import huggingface_hub

    return huggingface_hub


def folder() -> Path:
    """Return a new empty folder."""
    return Path(tempfile.mkdtemp())


if __name__ == "__main__":
    main(Connection(int(sys.argv[1])))
