import os
import subprocess
import sys

from uvicorn.importer import import_from_string

from hubkeep.wire.server import PROTOCOL
from hubkeep.wire.zerocopy import ZeroCopyProtocol


def test_the_protocol_is_one_that_uvicorn_loads():
    assert import_from_string(PROTOCOL) is ZeroCopyProtocol


def test_memory_is_tuned_here_and_in_processes_started_from_here():
    program = "import os; from hubkeep.wire.server import tune_malloc; print(tune_malloc(), os.environ['MALLOC_ARENA_MAX'])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout.split()[1] == "2"
    assert done.stdout.startswith("True") or not sys.platform.startswith("linux")
