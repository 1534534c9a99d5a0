from datetime import UTC, datetime, timedelta, timezone

import pytest

from hubkeep.kit import now, wire_date


def test_now_knows_its_zone():
    assert now().tzinfo is UTC


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2024, 1, 2, 3, 4, 5, 678999, tzinfo=UTC), "2024-01-02T03:04:05.678Z"),
        (datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), "2024-01-02T03:04:05.000Z"),
        (datetime(2024, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2))), "2024-01-02T01:04:05.000Z"),
        (datetime(2024, 1, 2, 3, 4, 5), "2024-01-02T03:04:05.000Z"),  # noqa: DTZ001  without a zone it is UTC
    ],
)
def test_dates_on_the_wire_are_utc_with_milliseconds_and_a_z(moment, text):
    assert wire_date(moment) == text
