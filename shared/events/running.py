"""The process that delivers events: ``manage.py deliver_events``. Any number of them may run.

For each database a *relay*, of which one leads and the others stand by; for each served subscriber a *drain*, and in
an installation with several databases a *receiver*. They are threads that begin anew after any fault: what they do is in the
database, so that nothing is lost with them.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import psycopg
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connections

from shared.domains.moving.follow import follow_announced_move, follow_move, has_moved
from shared.domains.registry import domains, serves
from shared.domains.router import alias_of, database_aliases
from shared.events import bridging
from shared.events.connecting import operator_connection
from shared.events.draining import drain_once, wake_due
from shared.events.handling import Subscriber, subscribers
from shared.events.relay import become_leader, living_domains, relay_once
from shared.events.transports import Transport, TransportError, connect_transport
from shared.metrics import events as metrics

log = logging.getLogger("trellis.events")

POLL_SECONDS = 1.0
"""The net: how long an event may wait whose notice was lost."""
_PAUSE_AFTER_FAULT = 0.5


class _Stopped(Exception):
    """Someone asked us to stop."""


class DeliveryProcess:
    """Threads that deliver, until ``stop``."""

    def __init__(self, *, only: frozenset[str] = frozenset()) -> None:
        """``only``: the domains to deliver for; all that the process serves when empty."""
        self._only = only
        self._stop = threading.Event()
        self._threads: dict[tuple[str, str], threading.Thread] = {}
        self._apart: set[str] = set()
        """Databases beside which there are others: their subscribers receive from a bus."""

    def stop(self) -> None:
        """Ask all threads to end with what they are at."""
        self._stop.set()

    def run(self) -> None:
        """Deliver until stopped. Where a domain has moved, threads for its new database begin within a second."""
        try:
            while not self._stop.wait(POLL_SECONDS if self._threads else 0):
                follow_announced_move()
                for key, work in self._wanted().items():
                    if key not in self._threads or not self._threads[key].is_alive():
                        self._start(key, work)
        finally:
            self.stop()
            for thread in self._threads.values():
                thread.join(timeout=20)

    def _wanted(self) -> dict[tuple[str, str], Callable[[], None]]:
        wanted: dict[tuple[str, str], Callable[[], None]] = {}
        aliases = database_aliases()
        for alias in aliases:
            wanted["relay", alias] = lambda alias=alias: self._relay(alias)  # type: ignore[misc]
        for taker in self._takers():
            wanted["drain", taker.name] = lambda taker=taker: self._drain(taker)  # type: ignore[misc]
            if self._apart:
                wanted["receive", taker.name] = lambda taker=taker: self._receive(taker)  # type: ignore[misc]
        return wanted

    def _takers(self) -> list[Subscriber]:
        return [s for s in subscribers() if serves(s.domain) and (not self._only or s.domain in self._only)]

    def _start(self, key: tuple[str, str], work: Callable[[], None]) -> None:
        thread = threading.Thread(target=self._guarded, args=(key, work), name="-".join(key), daemon=True)
        self._threads[key] = thread
        thread.start()

    def _guarded(self, key: tuple[str, str], work: Callable[[], None]) -> None:
        """Run ``work`` again after each fault, until stopped."""
        try:
            while not self._stop.is_set():
                try:
                    work()
                except _Stopped:
                    return
                except (psycopg.Error, DatabaseError, TransportError) as error:
                    log.warning("%s of %s begins anew: %s", *key, _first_line(error))
                    if isinstance(error, DatabaseError) and has_moved(error):
                        follow_move()
                except Exception:
                    log.exception("%s of %s begins anew", *key)
                connections.close_all()
                self._stop.wait(_PAUSE_AFTER_FAULT)
        finally:
            connections.close_all()

    # --- Relay ------------------------------------------------------------------------------------------------------

    def _relay(self, alias: str) -> None:
        """Lead the relay of a database, or stand by until the leader is gone."""
        if alias not in settings.DATABASES:  # its domains have moved
            self._wait(POLL_SECONDS)
            return
        with operator_connection(alias) as connection:
            place = _place(alias)
            while not become_leader(connection):
                self._look_around(connection, alias)
                self._wait(POLL_SECONDS)
                if _place(alias) != place:
                    return
            log.info("relays the events of %s", alias)
            connection.execute("LISTEN trellis_outbox")
            bus: Transport | None = None
            try:
                while _place(alias) == place:
                    taken, _, _ = relay_once(connection)
                    metrics.RELAYED.labels(alias).inc(taken)
                    living = self._look_around(connection, alias)
                    elsewhere = self._elsewhere(living)
                    busy = taken > 0
                    if elsewhere or _has_deliveries(connection):
                        bus = bus or connect_transport(settings.EVENT_BUS_URL)
                        busy |= self._bridge(connection, bus, living, elsewhere)
                    self._raise_if_stopped()
                    if not busy:
                        self._listen(connection, POLL_SECONDS if not elsewhere else 0.1)
            finally:
                if bus is not None:
                    bus.close()

    def _bridge(
        self, connection: psycopg.Connection[Any], bus: Transport, living: list[str], elsewhere: list[str]
    ) -> bool:
        """Send what is due, hear what has arrived; returns whether there was anything. A bus that does not answer holds
        up nobody here."""
        count = bridging.bring_home(connection, living)
        try:
            for name in elsewhere:
                count += bridging.send_due(connection, bus, name, living)
            for publisher in living:
                count += bridging.take_acknowledgements(connection, bus, publisher, wait=0)
        except TransportError as error:
            log.warning("%s Deliveries to other databases wait.", error)
            self._wait(_PAUSE_AFTER_FAULT)
        return count > 0

    def _look_around(self, connection: psycopg.Connection[Any], alias: str) -> list[str]:
        """The domains that live in a database; notes whether others live elsewhere."""
        with connection.cursor() as cursor:
            living = living_domains(cursor)
        (self._apart.add if len(living) < len(domains()) else self._apart.discard)(alias)
        return living

    def _elsewhere(self, living: list[str]) -> list[str]:
        return [taker.name for taker in subscribers() if taker.domain not in living]

    # --- Drain and receive ------------------------------------------------------------------------------------------

    def _drain(self, taker: Subscriber) -> None:
        """Handle what comes for a subscriber; in the database where its domain lives now."""
        follow_announced_move()
        alias = alias_of(taker.domain)
        place = _place(alias)
        with operator_connection(alias) as connection:
            connection.execute("LISTEN trellis_inbox")
            while _place(alias_of(taker.domain)) == place:
                wake_due(taker)
                while drain_once(taker):
                    self._raise_if_stopped()
                    follow_announced_move()
                self._raise_if_stopped()
                self._listen(connection, POLL_SECONDS)
                follow_announced_move()

    def _receive(self, taker: Subscriber) -> None:
        """Take in what comes for a subscriber from other databases."""
        alias = alias_of(taker.domain)
        place = _place(alias)
        bus: Transport | None = None
        with operator_connection(alias) as connection:
            try:
                while _place(alias_of(taker.domain)) == place:
                    with connection.cursor() as cursor:
                        living = living_domains(cursor)
                    if taker.domain not in living or len(living) == len(domains()):
                        self._wait(POLL_SECONDS)
                        continue
                    bus = bus or connect_transport(settings.EVENT_BUS_URL)
                    bridging.take_arrivals(connection, bus, taker.name, wait=0.5)
                    self._raise_if_stopped()
            finally:
                if bus is not None:
                    bus.close()

    # --- Waiting ----------------------------------------------------------------------------------------------------

    def _listen(self, connection: psycopg.Connection[Any], seconds: float) -> None:
        """Return with the next notice, or when the time is over; those that came with it need no turn of their own."""
        for _ in connection.notifies(timeout=seconds, stop_after=1):
            pass
        for _ in connection.notifies(timeout=0):
            pass
        self._raise_if_stopped()

    def _wait(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise _Stopped

    def _raise_if_stopped(self) -> None:
        if self._stop.is_set():
            raise _Stopped


def _has_deliveries(connection: psycopg.Connection[Any]) -> bool:
    row = connection.execute("SELECT EXISTS (SELECT FROM shared.outbox_deliveries)").fetchone()
    return bool(row and row[0])


def _place(alias: str) -> tuple[Any, ...]:
    database = settings.DATABASES.get(alias, {})
    return tuple(database.get(part) for part in ("HOST", "PORT", "NAME"))


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
