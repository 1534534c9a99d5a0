"""Numbers, sizes and moments as people read them."""

from datetime import UTC, datetime

from hubkeep.kit import now

_SIZES = ("B", "kB", "MB", "GB", "TB", "PB")
_COUNTS = ("", "k", "M", "B", "T")


def size(count: int) -> str:
    """Write a size in bytes, in decimal units as disks and downloads use them.

    >>> size(999), size(1500), size(14_000_000_000)
    ('999 B', '1.5 kB', '14 GB')
    """
    return _scaled(count, _SIZES, " ")


def count(number: int) -> str:
    """Write a large number short.

    >>> count(999), count(1_234), count(7_241_748_480)
    ('999', '1.2k', '7.2B')
    """
    return _scaled(number, _COUNTS, "")


def plural(number: int, one: str, many: str = "") -> str:
    """Write a number with its noun.

    >>> plural(1, "file"), plural(2000, "file"), plural(0, "entry", "entries")
    ('1 file', '2,000 files', '0 entries')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def ago(moment: datetime) -> str:
    """Write how long ago something was; after a year, the month and year."""
    seconds = (now() - utc(moment)).total_seconds()
    for limit, unit, name in ((3600, 60, "minute"), (86400, 3600, "hour"), (30 * 86400, 86400, "day")):
        if seconds < limit:
            return f"{plural(int(seconds // unit), name)} ago" if seconds >= unit else "just now"
    months = int(seconds // (30.44 * 86400))
    if months < 12:
        return f"{plural(max(months, 1), 'month')} ago"
    return utc(moment).strftime("%b %Y")


def date(moment: datetime) -> str:
    """Write a moment in full, in UTC."""
    return utc(moment).strftime("%Y-%m-%d %H:%M UTC")


def machine_date(moment: datetime) -> str:
    """Write a moment for the `datetime` attribute."""
    return utc(moment).strftime("%Y-%m-%dT%H:%M:%SZ")


def utc(moment: datetime) -> datetime:
    """Return the moment with a zone: SQLite gives it back without one."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _scaled(number: int, units: tuple[str, ...], space: str) -> str:
    value, step = float(number), 0
    while value >= 999.5 and step < len(units) - 1:
        value, step = value / 1000, step + 1
    digits = f"{value:.1f}".removesuffix(".0") if step and value < 9.95 else f"{value:.0f}"
    return f"{digits}{space if units[step] else ''}{units[step]}"
