"""What the server process is given beside the application: the protocol that can send files, and a patient allocator."""

import ctypes
import os

PROTOCOL = "hubkeep.wire.zerocopy:ZeroCopyProtocol"  # for uvicorn's `http`

# glibc's knob, its variable in the environment, our value. Source: glibc, malloc.h and the manual, "Memory Allocation Tunables".
_KNOBS = (
    (-3, "MALLOC_MMAP_THRESHOLD_", 32 << 20),
    (-1, "MALLOC_TRIM_THRESHOLD_", 256 << 20),
    (-8, "MALLOC_ARENA_MAX", 2),
)


def tune_malloc() -> bool:
    """Keep freed blocks of up to 32 MiB for reuse, in few places; False where the C library has no such knobs.

    uvicorn hands bodies out in blocks of 250 KiB. glibc maps and unmaps each of those: receiving spends most of its time on
    page faults then, and takes 1.4 to 2 times as long. And it gives every thread a heap of its own, which our pools never need:
    200 slow streams took twice the memory. Processes started from this one inherit the values by environment.
    """
    for _, variable, value in _KNOBS:
        os.environ.setdefault(variable, str(value))
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return False
    turned = [bool(mallopt(knob, value)) for knob, _, value in _KNOBS]
    return all(turned)
