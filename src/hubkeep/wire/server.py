"""What the server process is given beside the application: the protocol that can send files, and a patient allocator."""

import ctypes
import os

PROTOCOL = "hubkeep.wire.zerocopy:ZeroCopyProtocol"  # for uvicorn's `http`

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # Source: glibc, malloc.h
_MMAP_BYTES, _TRIM_BYTES = 32 << 20, 256 << 20


def tune_malloc() -> bool:
    """Keep freed blocks of up to 32 MiB for reuse; False where the C library has no such knob.

    uvicorn hands bodies out in blocks of 250 KiB. glibc maps and unmaps each of those: receiving spends most of its time on
    page faults then, and takes 1.4 to 2 times as long. Processes started from this one inherit the thresholds by environment.
    """
    os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", str(_MMAP_BYTES))
    os.environ.setdefault("MALLOC_TRIM_THRESHOLD_", str(_TRIM_BYTES))
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, _MMAP_BYTES) and mallopt(_M_TRIM_THRESHOLD, _TRIM_BYTES))
