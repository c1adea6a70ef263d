"""The steps of a move, each of which may be cut off and taken up again.

1. The target gets roles, schemas, tables and tenants; its tables are closed and bare (target.py).
2. Triggers in the source note the key of every row that changes from now on (capture.py).
3. All tables are copied, then the noted rows, until little is left (copying.py).
4. Both sides are compared, row by row where sums differ (verify.py).
5. Writers wait while the last rows follow and are compared; then the environment's file gets the new URL, the old
   tables are out of reach, and the new ones open (this is the pause). One transaction of the source decides.
6. PostgreSQL checks the foreign keys of the arrived rows, and what was needed for the move goes.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from psycopg import sql

from shared.domains.moving import capture, copying, target, verify
from shared.domains.moving.errors import MoveError
from shared.domains.moving.places import Place, owner_connection
from shared.domains.moving.tables import (
    Connection,
    MovingTable,
    read_tables,
    tenancy_tables,
    tenant_schemas,
)
from shared.domains.registry import Domain
from shared.domains.roles import users_of
from shared.domains.router import has_tenant_schema
from shared.events.order import LOCK_ORDER

LITTLE = 200
"""Rows that may be left over for the pause."""
ROUNDS = 10
LONGEST_WAIT = "250ms"
"""For a lock, in the pause: those who write without stopping still let a table go within it."""

Say = Callable[[str], None]


@dataclass
class Report:
    """What was moved: rows and a checksum by table, and how long writers waited, in seconds."""

    rows: dict[str, int] = field(default_factory=dict)
    checksums: dict[str, str] = field(default_factory=dict)
    pause: float = 0.0
    retired: list[str] = field(default_factory=list)


class Move:
    """One domain on its way from one database to another."""

    def __init__(
        self, domain: Domain, source: Place, to: Place, living: Sequence[Domain], say: Say, seed: str
    ) -> None:
        self.domain = domain
        self.source_place = source
        self.target_place = to
        self.living = tuple(living)
        self.say = say
        self.seed = seed
        self.report = Report()
        self.touched: copying.Keys = {}
        self.source: Connection = owner_connection(source, seed)
        self.target: Connection = owner_connection(to, seed)

    def close(self) -> None:
        self.source.close()
        self.target.close()

    @property
    def schemas(self) -> list[str]:
        """The schemas that move: the domain's, and those of single tenants where it keeps tables there."""
        own = tenant_schemas(self.source) if has_tenant_schema(self.domain.name) else []
        return [self.domain.schema, *own]

    def tables(self) -> dict[str, MovingTable]:
        found = read_tables(self.source, self.schemas, domain=self.domain)
        return {table.label: table for table in found}

    # --- Before the pause -------------------------------------------------------------------------------------------

    def copy(self) -> None:
        """Steps 1 to 3: everything is in the target but for the last changes."""
        schemas, tables = self.schemas, self.tables()
        with self.target.transaction():
            target.close(self.target, schemas)
            for schema in schemas:
                target.mark(self.target, schema, target.MARK + self.source_place.public)
            target.strip(self.target, schemas)
        self._compare_shape(tables)
        steps = capture.steps_of(self.source, self.domain.name)
        if not steps:
            capture.begin_capture(self.source, self.domain.name, target=self.target_place.public)
        for label, table in tables.items():
            if f"copied {label}" in steps:
                continue
            capture.capture_table(self.source, self.domain.name, table)
            count = copying.copy_table(self.source, self.target, table)
            capture.note(self.source, self.domain.name, f"copied {label}", str(count))
            self.say(f"  {label}: {count} rows")
        for table in tables.values():  # or what is planned there at first is planned by guesses, and kept
            self.target.execute(sql.SQL("ANALYZE {}").format(table.identifier))
        self._drain(tables, until=LITTLE)

    def _compare_shape(self, tables: dict[str, MovingTable]) -> None:
        there = {t.label: t for t in read_tables(self.target, self.schemas, domain=self.domain)}
        for label, table in tables.items():
            if label not in there:
                raise MoveError(f"The target has no table {label}: migrate both databases first.")
            if set(there[label].columns) != set(table.columns):
                raise MoveError(f"{label} has other columns in the target: migrate both databases first.")

    def _drain(self, tables: dict[str, MovingTable], *, until: int) -> None:
        copying.drain_all(
            lambda: copying.drain(self.source, self.target, self.domain.name, tables),
            self.touched,
            until=until,
        )

    def verify(self) -> None:
        """Step 4: rows that nobody has changed since are the same on both sides.

        Raises MoveError naming the tables where rows stay different.
        """
        tables = self.tables()
        self.touched = {}
        found = verify.compare_tables(self.source, self.target, tables.values())
        self.report.rows, self.report.checksums = found.rows, found.checksums
        differing = found.differing
        for _ in range(ROUNDS):
            self._drain(tables, until=LITTLE)
            differing = verify.compare_keys(self.source, self.target, tables, differing)
            if not differing:
                return
            time.sleep(0.05)
        unexplained = {
            label: keys - self.touched.get(label, set())
            for label, keys in differing.items()
            if keys - self.touched.get(label, set())
        }
        if unexplained:
            raise MoveError(
                f"Rows differ in {_named(unexplained)}: nothing was switched; run the command again."
            )
        for label, keys in differing.items():  # written all the time: compared in the pause
            self.touched.setdefault(label, set()).update(keys)

    # --- The pause --------------------------------------------------------------------------------------------------

    def cut_over(self, decided: Callable[[], None]) -> None:
        """Step 5; ``decided`` is called as the last thing before it holds. Raises MoveError or StillLockedError; the
        source then goes on as before."""
        tables = self.tables()
        began = 0.0

        def switch() -> None:
            nonlocal began
            with self.target.transaction():
                self._keep_vacuum_away(tables)
                began = self._lock(tables)
                self._follow_to_the_end(tables)
            self._retire()
            decided()

        self.say("Switching")
        capture.in_a_moment(self.source, switch, what=f"Switching {self.domain.name} over", wait=LONGEST_WAIT)
        self.say("Opening")
        self.finish_opening()
        self.report.pause = time.monotonic() - began
        self.say(f"Writers waited for {self.report.pause:.2f} s.")

    def _keep_vacuum_away(self, tables: dict[str, MovingTable]) -> None:
        """Wait, while everybody still writes, for whoever cleans these tables up, and let nobody begin: autovacuum gives way
        to a stronger lock only after a second (deadlock_timeout), which would be spent in the pause."""
        own = [table.identifier for table in tables.values() if not table.domain]
        lock = sql.SQL("LOCK TABLE {} IN SHARE UPDATE EXCLUSIVE MODE").format(sql.SQL(", ").join(own))
        self.target.execute(lock)
        self.source.execute("SET LOCAL lock_timeout = 0")
        self.source.execute(lock)
        self.source.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(LONGEST_WAIT)))

    def _lock(self, tables: dict[str, MovingTable]) -> float:
        ordered = sorted(tables.values(), key=_turn)
        names = [table.identifier for table in (*self._tenancy(), *ordered)]
        began = time.monotonic()
        self.source.execute(
            sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(sql.SQL(", ").join(names))
        )
        return began

    def _tenancy(self) -> list[MovingTable]:
        return tenancy_tables(self.source) if self.domain.central else []

    def _follow_to_the_end(self, tables: dict[str, MovingTable]) -> None:
        changes = sql.Identifier(capture.move_schema(self.domain.name), "changes")
        noted = self.source.execute(
            sql.SQL("SELECT seq, label, key::text FROM {} ORDER BY seq").format(changes)
        ).fetchall()
        if noted:
            keys = copying.apply_changes(self.source, self.target, self.domain.name, tables, noted)
            for label, changed in keys.items():
                self.touched.setdefault(label, set()).update(changed)
        differing = verify.compare_keys(self.source, self.target, tables, self.touched)
        if differing:
            raise MoveError(
                f"Rows differ in {_named(differing)}: nothing was switched; run the command again."
            )
        if self.domain.central:
            copying.copy_tenancy(self.source, self.target, self._tenancy(), exact=True)
        with self.target.transaction():
            copying.copy_sequences(self.source, self.target, self.schemas)
            target.dress(self.source, self.target, self.schemas)

    def _retire(self) -> None:
        """In the deciding transaction: the old tables are out of everybody's reach, under another name."""
        suffix = f"_retired_{dt.datetime.now(dt.UTC):%Y%m%dt%H%M%S}"
        schemas = self.schemas
        target.close(self.source, schemas)
        capture.fence(self.source, self.domain.name, self.domain.schema)
        capture.note(self.source, self.domain.name, "moved", suffix)
        for schema in schemas:
            self.source.execute(
                sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(
                    sql.Identifier(schema), sql.Identifier(retired_name(schema, suffix))
                )
            )
            self.report.retired.append(retired_name(schema, suffix))

    # --- After the pause --------------------------------------------------------------------------------------------

    def finish_opening(self) -> None:
        """The target's schemas open to those who belong there."""
        schemas = [
            schema for schema in (self.domain.schema, *tenant_schemas(self.target)) if self._arrives(schema)
        ]
        with self.target.transaction():
            target.open_(self.target, [self.domain.schema], users_of(self.living))
            tenants = [schema for schema in schemas if schema != self.domain.schema]
            target.open_(self.target, tenants, target.tenant_schema_users())
            for schema in schemas:
                target.mark(self.target, schema, target.OPENED + self.source_place.public)

    def _arrives(self, schema: str) -> bool:
        return (target.mark_of(self.target, schema) or "").startswith(target.MARK)

    def clean_up(self) -> None:
        """Step 6."""
        schemas = [self.domain.schema, *tenant_schemas(self.target)]
        for sentence in target.validate(self.target, schemas):
            self.say(sentence)
        target.leave(self.source, self.domain)
        for (
            schema
        ) in schemas:  # now nobody finds the way back to the source's state any more, so that goes last
            if (target.mark_of(self.target, schema) or "").startswith(target.OPENED):
                target.mark(self.target, schema, None)
        capture.end_capture(self.source, self.domain.name)

    def abandon(self) -> None:
        """Undo a move that was not switched: the source forgets it, the target's schema goes."""
        tables = self.tables()
        capture.end_capture(self.source, self.domain.name)
        with self.target.transaction():
            for table in tables.values():
                if table.domain and not table.append_only:
                    self.target.execute(
                        sql.SQL("DELETE FROM {} t WHERE {}").format(table.identifier, table.rows)
                    )
            for schema in filter(self._arrives, self.schemas):
                self.target.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))


def retired_name(schema: str, suffix: str) -> str:
    """What a schema is called after its domain has moved; PostgreSQL's names have at most 63 bytes."""
    return f"{schema[: 63 - len(suffix)]}{suffix}"


def _turn(table: MovingTable) -> int:
    """In the order in which writers take locks, or they and the move would wait for one another: a request's idempotency key
    comes first, who has that lets the move pass before anything else; events come last, in the relay's order."""
    if not table.domain:
        return 1
    if table.name == "idempotency_keys":
        return 0
    return 3 + LOCK_ORDER.index(table.name) if table.name in LOCK_ORDER else 2


def _named(keys: copying.Keys) -> str:
    return ", ".join(f"{label} ({len(found)})" for label, found in sorted(keys.items()))
