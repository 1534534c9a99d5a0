import contextlib
import itertools
import threading
from collections.abc import Generator
from typing import cast

import pytest

from hubkeep.cas.ahead import ahead


def makers() -> int:
    return sum(thread.name == "ahead" for thread in threading.enumerate())


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 1000])
def test_everything_comes_in_order(count):
    assert list(ahead(iter(range(count)))) == list(range(count))
    assert makers() == 0


def test_what_goes_wrong_is_told_after_what_went_well():
    def broken():
        yield from range(20)
        raise ValueError("the disk is gone")

    seen: list[int] = []
    with pytest.raises(ValueError, match="disk"):
        seen.extend(ahead(broken()))
    assert seen == list(range(16))
    assert makers() == 0


def test_a_caller_that_stops_early_leaves_no_thread_behind():
    made = []

    def endless():
        for number in itertools.count():
            made.append(number)
            yield number

    with contextlib.closing(cast("Generator[int, None, None]", ahead(endless()))) as pieces:
        assert [next(pieces) for _ in range(3)] == [0, 1, 2]
    assert makers() == 0
    assert len(made) <= 5 * 8
