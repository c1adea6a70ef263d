"""A process's connections to one database, shared by its threads: at most so many, for which one waits at most so long.

A unit takes a connection and gives it back when it ends, so that nobody holds one while waiting for somebody else. No
facts are left on it: they ended with the transaction. It is opened by the thread that needs it, without a helper in
the background: a database that does not answer is an error at once, not a wait.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from psycopg import Connection
from psycopg.errors import TooManyConnections
from psycopg.pq import TransactionStatus

from shared.metrics.connections import IN_USE, LIMIT, OPEN, REFUSED, WAITED

Connect = Callable[[], Connection[Any]]


class PoolExhaustedError(TooManyConnections):
    """Every connection that this process may have to the database was taken for too long: allow more
    (DATABASE_POOL_SIZE), if the server has room for them, or shorten what holds them."""


class Pool:
    """At most ``size`` connections; whoever waits longer than ``timeout`` seconds is refused."""

    def __init__(
        self, name: str, size: int, timeout: float, usable: Callable[[Connection[Any]], bool]
    ) -> None:
        self.name = name
        self.size = size
        self.timeout = timeout
        self._usable = usable
        self._permits = threading.BoundedSemaphore(size)
        self._idle: deque[Connection[Any]] = deque()
        self._in_use = IN_USE.labels(name)
        LIMIT.labels(name).set(size)

    def take(self, connect: Connect) -> Connection[Any]:
        """A connection of this thread's own until it gives it back. Raises PoolExhaustedError."""
        if not self._permits.acquire(blocking=False):
            self._wait()
        try:
            found = self._idle_one() or connect()
        except BaseException:
            self._permits.release()
            raise
        self._in_use.inc()
        return found

    def take_ready(self) -> Connection[Any] | None:
        """One that has been in use before, if there is one now."""
        if not self._permits.acquire(blocking=False):
            return None
        found = self._idle_one()
        if found is None:
            self._permits.release()
        else:
            self._in_use.inc()
        return found

    def give_back(self, connection: Connection[Any]) -> None:
        """Let the next one have it; one that is in the middle of something is closed instead."""
        if not connection.closed and connection.info.transaction_status == TransactionStatus.IDLE:
            self._idle.append(connection)
        else:
            self._discard(connection)
        self._in_use.dec()
        self._permits.release()

    def close(self) -> None:
        """Close what nobody holds. What is given back later serves whoever still uses this pool."""
        while self._idle:
            self._discard(self._idle.pop())

    def _idle_one(self) -> Connection[Any] | None:
        """The one given back last, so that those that are not needed stay idle and may be seen to be."""
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            if self._usable(connection):
                return connection
            self._discard(connection)

    def _discard(self, connection: Connection[Any]) -> None:
        connection.close()
        OPEN.labels(self.name).dec()

    def _wait(self) -> None:
        begin = time.perf_counter()
        got = self._permits.acquire(timeout=self.timeout)
        WAITED.labels(self.name).observe(time.perf_counter() - begin)
        if not got:
            REFUSED.labels(self.name, "pool").inc()
            raise PoolExhaustedError(
                f"All {self.size} connections of this process to database {self.name!r} were taken for "
                f"{self.timeout:g} s: raise DATABASE_POOL_SIZE if the server has room for more."
            )


_pools: dict[str, tuple[tuple[Any, ...], Pool]] = {}
_lock = threading.Lock()
_PLACE = ("HOST", "PORT", "NAME", "USER", "PASSWORD")


def pool_of(wrapper: Any) -> Pool | None:
    """The pool behind a connection wrapper of Django's; None where its settings name no ``POOL``.

    One for each alias of the process. An alias whose place has changed, since its domain has moved, gets a new one.
    """
    settings = wrapper.settings_dict
    wanted = settings.get("POOL")
    if not wanted:
        return None
    key = (*(settings.get(part) for part in _PLACE), *wanted.values())
    with _lock:
        known = _pools.get(wrapper.alias)
        if known is not None and known[0] == key:
            return known[1]
        if known is not None:
            known[1].close()
        made = Pool(wrapper.alias, wanted["size"], wanted["timeout"], wrapper.is_usable_raw)
        _pools[wrapper.alias] = (key, made)
        return made


# A child process must not talk over its parent's sockets.
os.register_at_fork(after_in_child=_pools.clear)
