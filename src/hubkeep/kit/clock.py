"""Time: one clock, UTC, and the one date format that clients parse."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current time in UTC, with a zone."""
    return datetime.now(UTC)


def wire_date(moment: datetime) -> str:
    """Format `moment` as the Hub does: UTC, milliseconds, a literal `Z`.

    Source: hub-core contract 2.8: the client's parser refuses `+00:00`.

    >>> wire_date(datetime(2024, 1, 2, 3, 4, 5, 678000, tzinfo=UTC))
    '2024-01-02T03:04:05.678Z'
    """
    utc = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"
