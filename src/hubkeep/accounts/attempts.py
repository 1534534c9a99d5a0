"""Guessing is slowed, then stopped for a while. The counters are rows: they hold for every process, and over restarts.

An attempt is counted before it is judged, in a transaction of its own: a thousand guesses at once are a thousand. What is
counted for one network hurts nobody elsewhere; what is counted for a person over all networks does not stop the networks in
which they are signed in, so that strangers cannot lock them out.
"""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from hubkeep.accounts.errors import TooManyAttempts
from hubkeep.accounts.tables import attempts, sessions
from hubkeep.accounts.types import Origin
from hubkeep.kit import ReadTx, WriteTx, now
from hubkeep.kit.tables import insert_missing

PAUSE = timedelta(minutes=15)  # how long the lock holds; the counter starts anew after it
KEPT = timedelta(days=1)
NOBODIES = 4096  # counters that all names without a user share: guessing names makes no rows without end


@dataclass(frozen=True)
class Limit:
    """One counter: `free` attempts at once, then each waits twice as long as the last, from `locked` on none passes."""

    name: str
    free: int
    locked: int

    def wait(self, count: int) -> timedelta:
        """Return how long after the last of `count` attempts the next one may come."""
        if count < self.free:
            return timedelta()
        return PAUSE if count >= self.locked else timedelta(seconds=min(2 ** (count - self.free), 60))


def login_limits(tx: ReadTx, login: str, user_id: int | None, origin: Origin) -> list[Limit]:
    """Return what counts an attempt to give the password of `user_id`, or of a name that nobody has."""
    number = int.from_bytes(hashlib.sha256(login.lower().encode("utf-8", "replace")).digest()[:4])
    who = f"?{number % NOBODIES}" if user_id is None else str(user_id)
    where = network(origin.address)
    limits = [Limit(f"login:{who}@{where}", 4, 10)]
    if where:
        limits.append(Limit(f"from:{where}", 30, 60))
    if where and not (user_id is not None and _at_home(tx, user_id, where)):
        limits.append(Limit(f"login:{who}", 50, 100))
    return limits


def code_limits(user_id: int) -> list[Limit]:
    """Return what counts an attempt to give a second factor's code; whoever may try has given the password."""
    return [Limit(f"code:{user_id}", 4, 10)]


def mail_limits(user_id: int) -> list[Limit]:
    """Return what counts the letters that anybody can have sent to a person."""
    return [Limit(f"mail:{user_id}", 3, 3)]


def program_limits(what: str, origin: Origin) -> list[Limit]:
    """Return what counts programs that nobody signed in to yet: one network must not use up what there is for all."""
    where = network(origin.address)
    return [Limit(f"{what}:{where}", 100, 200)] if where else []


def device_limits(user_id: int) -> list[Limit]:
    """Return what counts the codes of programs that somebody who is signed in tries: nobody mistypes thirty."""
    return [Limit(f"device-code:{user_id}", 10, 30)]


def count_attempt(tx: WriteTx, limits: Sequence[Limit]) -> None:
    """Count an attempt that is about to be made. Raises TooManyAttempts; then nothing was counted."""
    moment = now()
    names = sorted(limit.name for limit in limits)  # one order for everybody: no deadlocks
    insert_missing(tx.sql, attempts, [{"name": name, "count": 0, "last_at": moment} for name in names])
    query = sa.select(attempts).where(attempts.c.name.in_(names)).order_by(attempts.c.name).with_for_update()
    counted: dict[str, tuple[int, datetime]] = {row[0]: (row[1], row[2]) for row in tx.sql.execute(query)}
    waits = [timedelta()]
    for limit in limits:
        count, last = counted[limit.name]
        count = 0 if moment - last >= PAUSE else count
        counted[limit.name] = (count, last)
        waits.append(last + limit.wait(count) - moment)
    if max(waits) > timedelta():
        raise TooManyAttempts(max(1, round(max(waits).total_seconds())))
    for name in names:
        row = {"count": counted[name][0] + 1, "last_at": moment}
        tx.sql.execute(sa.update(attempts).where(attempts.c.name == name).values(**row))


def forgive(tx: WriteTx, limits: Sequence[Limit]) -> None:
    """Take an attempt back that was right: the first counter starts anew, in the others it was one less."""
    tx.sql.execute(sa.delete(attempts).where(attempts.c.name == limits[0].name))
    others = sa.and_(attempts.c.name.in_([limit.name for limit in limits[1:]]), attempts.c.count > 0)
    tx.sql.execute(sa.update(attempts).where(others).values(count=attempts.c.count - 1))


def take_back(tx: WriteTx, limits: Sequence[Limit]) -> None:
    """Take an attempt back that was right; those before it stay counted, for whoever can be right at will."""
    here = sa.and_(attempts.c.name.in_([limit.name for limit in limits]), attempts.c.count > 0)
    tx.sql.execute(sa.update(attempts).where(here).values(count=attempts.c.count - 1))


def forget_attempts(tx: WriteTx) -> int:
    """Delete counters that nobody touched for a day; return how many."""
    return tx.sql.execute(sa.delete(attempts).where(attempts.c.last_at < now() - KEPT)).rowcount


def network(address: str) -> str:
    """Return the network that one customer of a provider has: an IPv4 address, or an IPv6 /64; "" for this machine.

    >>> network("192.0.2.7"), network("2001:db8::1"), network("127.0.0.1"), network("")
    ('192.0.2.7', '2001:db8::/64', '', '')
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return "" if found.is_loopback else str(ipaddress.ip_network((found, 64), strict=False))
        found = found.ipv4_mapped
    return "" if found.is_loopback else str(found)


def _at_home(tx: ReadTx, user_id: int, where: str) -> bool:
    """Return whether the person is signed in from that network."""
    mine = sa.select(sessions.c.address).where(sessions.c.user_id == user_id, sessions.c.expires_at > now())
    return any(network(address) == where for address in tx.sql.execute(mine.distinct().limit(200)).scalars())
