"""Where a repository stands in an order: one 63-bit number, its value first, its own number second.

Larger is nearer the top. It sorts as the (value, repository number) pair would, fits every database's integers, and is
all that a cursor has to say.
"""

from datetime import UTC, datetime

from hubkeep.search.types import Order

ID_BITS = 26
MAX_ID = (1 << ID_BITS) - 1  # repositories ever created on one hub: 67 million
TOP = (1 << 63) - 1
_VALUE_BITS = 63 - ID_BITS
_MAX_VALUE = (1 << _VALUE_BITS) - 1
_MANTISSA = 31
_EPOCH = datetime(2015, 1, 1, tzinfo=UTC).timestamp()  # older than any repository; lasts to 2058


def place(value: int, repo_id: int) -> int:
    """Return the place of a repository with that value.

    Raises:
        OverflowError: a repository number beyond what an index can hold.
    """
    if not 0 <= repo_id <= MAX_ID:
        raise OverflowError(f"the index holds repositories up to number {MAX_ID}, not {repo_id}")
    return min(max(value, 0), _MAX_VALUE) << ID_BITS | repo_id


def repo_at(at: int) -> int:
    """Return the number of the repository at a place."""
    return at & MAX_ID


def counted(number: int) -> int:
    """Squeeze a count into the bits of a value, keeping its order: exact below 4 billion, to one part in a billion above.

    >>> counted(7), counted(1 << 31), counted(1 << 32)
    (7, 2147483648, 4294967296)
    >>> counted(10**12) < counted(10**12 + 10**4)
    True
    """
    extra = number.bit_length() - (_MANTISSA + 1)
    if extra <= 0:
        return max(number, 0)
    return (extra << _MANTISSA) + (number >> extra)


def scored(score: float) -> int:
    """Turn a trending score into a value: hundredths."""
    return counted(round(score * 100))


def moment(at: datetime) -> int:
    """Turn a moment into a value: hundredths of a second since 2015."""
    return round((at.timestamp() - _EPOCH) * 100)


def places(
    repo_id: int,
    *,
    trending: float,
    downloads: int,
    likes: int,
    likes_30d: int,
    created: datetime,
    modified: datetime,
    amount: int,
    size: int,
) -> dict[Order, int]:
    """Return the repository's place in every order."""
    values = {
        Order.TRENDING: scored(trending),
        Order.DOWNLOADS: counted(downloads),
        Order.LIKES: counted(likes),
        Order.LIKES_30D: counted(likes_30d),
        Order.CREATED: moment(created),
        Order.MODIFIED: moment(modified),
        Order.AMOUNT: counted(amount),
        Order.SIZE: counted(size),
    }
    return {order: place(value, repo_id) for order, value in values.items()}
