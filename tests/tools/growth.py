"""Judge what something costs without a clock on the wall: against something else, measured in the same moment.

An absolute time tells how busy the machine is. Here CPU time of this process is taken of two works in turn, the best of a few
rounds of each counts, and only their ratio is judged. What never ends at all is ended by pytest's timeout.
"""

import time
from collections.abc import Callable

ROUNDS = 5


def assert_in_proportion(work: Callable[[int], object], size: int, parts: int = 8) -> None:
    """Fail if `work(size)` costs much more than `parts` works of a part of the size.

    Linear work costs the same either way; quadratic work costs `parts` times as much in one piece. The limit is half of that.
    """

    def piecemeal() -> None:
        for _ in range(parts):
            work(size // parts)

    assert_costs_at_most(parts / 2, lambda: work(size), piecemeal)


def assert_costs_at_most(times: float, work: Callable[[], object], yardstick: Callable[[], object]) -> None:
    """Fail if `work` costs more than so many times what `yardstick` costs. Choose `times` generously."""
    measured = known = float("inf")
    for _ in range(ROUNDS):
        measured, known = min(measured, _cost(work)), min(known, _cost(yardstick))
        if measured <= times * known:
            return
    raise AssertionError(
        f"it costs {measured / known:.1f} times its yardstick ({measured:.4f} s of CPU time to {known:.4f} s),"
        f" and {times:g} times would be much"
    )


def _cost(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
