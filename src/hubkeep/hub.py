"""The corridor: one frozen bag that doors carry, and the one hop from the event loop into a thread. No logic."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar

from hubkeep.accounts import Actor, Credentials, authenticate, is_stale, mark_used
from hubkeep.kit import ReadTx, Settings, WriteTx
from hubkeep.repos import Stores
from hubkeep.search import Counts

SESSION_COOKIE = "hubkeep_session"  # of pages; the API reads it too
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Hub:
    """Settings, stores, and the thread pools: `sql` for short transactions, `slow` for verbs that move bytes."""

    settings: Settings
    stores: Stores
    sql: ThreadPoolExecutor
    slow: ThreadPoolExecutor
    epoch: str
    counts: Counts = field(default_factory=Counts)  # downloads noted and not yet written

    @property
    def url(self) -> str:
        """Public base URL without a slash at its end."""
        return self.settings.url

    @property
    def cas_url(self) -> str:
        """Base of the Xet CAS. Its last segment is the epoch: clients forget what they uploaded when it changes."""
        return f"{self.url}/cas/{self.epoch}"

    async def compute(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run work that needs a thread but neither the database nor a caller."""
        return await asyncio.get_running_loop().run_in_executor(self.slow, partial(function, *args, **kwargs))

    async def read(
        self,
        verb: Callable[Concatenate[ReadTx, Actor, P], T],
        caller: Credentials,
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run a reading verb in one hop: authenticate and read in one transaction of the SQL pool."""

        def hop() -> T:
            with self.stores.db.read() as tx:
                return verb(tx, self._known(authenticate(tx, caller)), *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self.sql, hop)

    async def write(
        self,
        verb: Callable[Concatenate[WriteTx, Actor, P], T],
        caller: Credentials,
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run a writing verb in one hop; committed before this returns."""

        def hop() -> T:
            with self.stores.db.write() as tx:
                actor = replace(self._known(authenticate(tx, caller)), origin=caller.origin)
                return verb(tx, actor, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self.sql, hop)

    async def work(
        self,
        verb: Callable[Concatenate[Stores, Actor, P], T],
        caller: Credentials,
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run a verb that reads or moves bytes and opens its own transactions, in the pool for slow work."""

        def hop() -> T:
            with self.stores.db.read() as tx:
                actor = replace(self._known(authenticate(tx, caller)), origin=caller.origin)
            return verb(self.stores, actor, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self.slow, hop)

    def _known(self, actor: Actor) -> Actor:
        """Leave a note, about once an hour and off the request's path, that this token or session is in use."""
        if is_stale(actor):
            self.sql.submit(self._mark_used, actor)
        return actor

    def _mark_used(self, actor: Actor) -> None:
        with self.stores.db.write() as tx:
            mark_used(tx, actor)
