"""Whether a reading unit may go to the replica of its database.

A replica is read only while this process knows three things of it, asked anew every second: it is a standby of this very
database; the facts can be set there; and what it shows is not older than REPLICA_MAX_LAG seconds. The age is measured by
the primary's own log: where it stood at which moment is noted, and the replica has replayed it or not. So neither
clocks nor what a replica cut off from its primary believes of itself matter. Otherwise the primary is read.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError, connections, transaction

from shared.domains.router import domains_in
from shared.metrics.replicas import LAG, READS

log = logging.getLogger("trellis.session")

CHECK_SECONDS = 1.0
_CLUSTER = "(SELECT system_identifier FROM pg_control_system()), current_database()::text"
_OF_PRIMARY = f"SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint, {_CLUSTER}"
_OF_REPLICA = f"SELECT pg_is_in_recovery(), (pg_last_wal_replay_lsn() - '0/0')::bigint, {_CLUSTER}"
_LOST = frozenset({"25006", "22023", "42704"})
"""A write, a role that is not there: what only the primary can do."""


class ReplicaRefusedError(ImproperlyConfigured):
    """The replica is not read: the sentence says why, and what REPLICA_DATABASE_URL should be."""


class Replica:
    """What this process knows of the replica behind an alias."""

    def __init__(self, alias: str, primary: str) -> None:
        self.alias = alias
        self.primary = primary
        self.cluster: list[Any] = []  # the primary's identity and database
        self._fresh_at = -math.inf  # the replica shows everything that was committed before
        self._checked_at = -math.inf
        self._refusal = "it was not checked yet"
        self._positions: deque[tuple[float, int]] = deque(maxlen=600)
        self._checking = threading.Lock()

    def may_be_read(self) -> bool:
        """Whether it shows what is at most REPLICA_MAX_LAG seconds old; checks it when that is due."""
        due = min(CHECK_SECONDS, settings.REPLICA_MAX_LAG / 4)
        if time.monotonic() - self._checked_at >= due and self._checking.acquire(blocking=False):
            try:
                self._check()
            finally:
                self._checking.release()
        return not self._refusal and time.monotonic() - self._fresh_at <= settings.REPLICA_MAX_LAG

    def refuse(self, reason: object) -> None:
        """Read the primary until the next check."""
        if str(reason) != self._refusal:
            log.warning("Replica %s is not read: %s", self.alias, reason)
        self._refusal = str(reason)
        self._checked_at = time.monotonic()

    def _check(self) -> None:
        from shared.session.unit import looking_up

        try:
            with looking_up():
                asked = time.monotonic()
                position, *self.cluster = _ask(self.primary, _OF_PRIMARY)
                self._positions.append((asked, _end_of_record(position)))
                replayed = self.replayed(_ask(self.alias, _OF_REPLICA))
                if self._refusal:
                    self._try_facts()
        except (DatabaseError, ImproperlyConfigured) as error:
            connections[self.alias].close()
            self.refuse(error)
            return
        while self._positions and self._positions[0][1] <= replayed:
            self._fresh_at = self._positions.popleft()[0]
        if self._refusal:
            log.info("Replica %s is read", self.alias)
        self._refusal = ""
        self._checked_at = time.monotonic()
        LAG.labels(self.alias).set(min(self._checked_at - self._fresh_at, 1e6))

    def replayed(self, answer: tuple[Any, ...]) -> int:
        """Up to where it has replayed the log, by its answer; raises ReplicaRefusedError for what is no standby of the
        database."""
        standby, position, *cluster = answer
        if not standby or (self.cluster and cluster != self.cluster):
            raise ReplicaRefusedError(
                f"it is no standby of database {(self.cluster or cluster)[-1]!r}: point REPLICA_DATABASE_URL to one, "
                "or remove the variable."
            )
        return int(position or 0)

    def _try_facts(self) -> None:
        """Become each of the domains' roles once, as units will."""
        for domain in domains_in(self.primary):
            with transaction.atomic(using=self.alias):
                _ask(self.alias, "SELECT set_config('role', %s, true)", domain.role)
                if _ask(self.alias, "SELECT current_user::text")[0] != domain.role:
                    raise ReplicaRefusedError(f"its connection does not become {domain.role!r}.")


def _end_of_record(position: int) -> int:
    """The insert position is past the header of a page that nothing stands on yet (24 bytes, 40 on a file's first);
    a standby has replayed to where that page begins."""
    within = position % 8192
    return position - within if within in (24, 40) else position


def _ask(alias: str, statement: str, *params: Any) -> tuple[Any, ...]:
    with connections[alias].cursor() as cursor:
        cursor.execute(statement, params)
        row: tuple[Any, ...] = cursor.fetchone()
        return row


_replicas: dict[str, Replica] = {}


def find_replica(alias: str) -> Replica | None:
    """The replica of a database, where one is configured."""
    name = replica_alias(alias)
    if name not in settings.DATABASES:
        return None
    return _replicas.setdefault(name, Replica(name, alias))


def replica_alias(alias: str) -> str:
    """The alias that the replica of a database has."""
    return f"{alias}_replica"


def alias_for_reading(alias: str) -> str:
    """Where a reading unit goes: the replica with an open connection, or the database itself."""
    replica = find_replica(alias)
    if replica is None:
        return alias
    if replica.may_be_read():
        connection: Any = connections[replica.alias]
        try:
            connection.drop_if_closed()
            connection.ensure_connection()
        except (DatabaseError, ImproperlyConfigured) as error:
            replica.refuse(error)
        else:
            READS.labels(alias, "replica").inc()
            return replica.alias
    READS.labels(alias, "primary").inc()
    return alias


def refuse_stranger(connection: Any) -> None:
    """For each new connection to a replica: it may have become another server since the last check."""
    replica = _replicas.get(connection.alias)
    raw = connection.connection
    if replica is not None and replica.cluster and not getattr(raw, "trellis_standby", False):
        replica.replayed(raw.execute(_OF_REPLICA).fetchone())
        raw.trellis_standby = True


def leave_replica(alias: str, error: DatabaseError) -> bool:
    """After an error of a unit on ``alias``: whether that is a replica which could not do it, so that the unit is worth
    another try, on the primary."""
    replica = _replicas.get(alias)
    if replica is None:
        return False
    state = getattr(error.__cause__, "sqlstate", None) or ""
    gone = isinstance(error, (OperationalError, InterfaceError)) and state[:2] in {"", "08", "53", "57"}
    if not gone and state not in _LOST:
        return False
    connections[alias].close()
    replica.refuse(error)
    return True
