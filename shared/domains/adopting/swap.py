"""Carries out a plan: the tables of ``public`` take the places of the empty ones that migrate made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connections
from psycopg import sql

from shared.domains.access import access_of
from shared.domains.adopting import AdoptionError
from shared.domains.adopting.columns import TENANT_COLUMN, default_of, fields_of, missing_columns
from shared.domains.adopting.plan import SET_ASIDE, Move, Plan
from shared.domains.adopting.shape import (
    Shape,
    add_keys,
    alter_columns,
    complete_parts,
    drop_keys,
    drop_parts,
    read_shape,
)
from shared.domains.check import check_domains
from shared.domains.check.repair import access_statements
from shared.domains.patience import LIMITS
from shared.domains.registry import OWNER_ROLE, Domain
from shared.records.versions.filling import fill
from shared.records.versions.upkeep import begin, read_memory

Connection = psycopg.Connection[Any]


def set_aside(connection: Connection, plan: Plan) -> None:
    """Move libraries' tables and the ledger of before out of Trellis' way; with their keys, and without copying."""
    with _explained(), connection.transaction():
        _wait_a_moment(connection)
        _drop_keys_without_successor(connection, plan)
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(SET_ASIDE)))
        for name in plan.set_aside:
            connection.execute(
                sql.SQL("ALTER TABLE public.{} SET SCHEMA {}").format(
                    sql.Identifier(name), sql.Identifier(SET_ASIDE)
                )
            )


def swap(connection: Connection, plan: Plan, living: Sequence[Domain], *, tenant: str = "") -> None:
    """Put every table in its place, in one transaction; raises AdoptionError, and then nothing has moved."""
    with _explained(), connection.transaction():
        _Swap(connection, plan, living, tenant).run()


@contextmanager
def _explained() -> Iterator[None]:
    """What PostgreSQL refuses is one sentence; a lock that others hold is for whoever tries again."""
    try:
        yield
    except psycopg.errors.LockNotAvailable:
        raise
    except psycopg.Error as error:
        detail = f" {error.diag.message_detail}" if error.diag.message_detail else ""
        raise AdoptionError(
            f"PostgreSQL refuses, and no table has come into a domain: {error.diag.message_primary}.{detail}"
        ) from error


@dataclass
class _Place:
    """A move under way: where it goes, and the shape that it is to have."""

    move: Move
    oid: int
    twin: int
    want: Shape

    @property
    def schema(self) -> str:
        return self.move.target.partition(".")[0]

    @property
    def bare(self) -> str:
        return self.move.target.partition(".")[2]

    @property
    def table(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.bare)


class _Swap:
    def __init__(self, connection: Connection, plan: Plan, living: Sequence[Domain], tenant: str) -> None:
        self.connection = connection
        self.plan = plan
        self.living = living
        self.tenant = tenant

    def run(self) -> None:
        _wait_a_moment(self.connection)
        self.connection.execute("SET LOCAL search_path = ''")
        places = [self._place(move) for move in self.plan.moves]
        _drop_keys_without_successor(self.connection, self.plan)
        restored = list(self._take_away([place.twin for place in places]))
        for place in places:
            self._move(place)
        self._reshape(places)
        self.connection.execute("SET LOCAL search_path TO DEFAULT")
        for _, statements in access_statements(self.connection, self.living):
            for statement in statements:
                self.connection.execute(statement)
        self.connection.execute("SET LOCAL search_path = ''")
        for place in places:
            self._do(add_keys(place.table, read_shape(self.connection, place.oid), place.want))
        self._do(restored)
        self.connection.execute("SET LOCAL search_path TO DEFAULT")
        self._remember(places)
        self._confirm(places)

    def _remember(self, places: list[_Place]) -> None:
        """Every adopted row gets its first version, and its custom fields are indexed."""
        self.connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(OWNER_ROLE)))
        with self.connection.cursor() as cursor:
            for place in places:
                memory = read_memory(cursor, place.schema, place.bare, place.move.model)
                if memory is not None:
                    begin(cursor, memory)
                    fill(cursor, memory)
        self.connection.execute("RESET ROLE")

    def _do(self, statements: Iterator[sql.Composed] | list[sql.Composed]) -> None:
        for statement in statements:
            self.connection.execute(statement)

    def _place(self, move: Move) -> _Place:
        schema, _, bare = move.target.partition(".")
        old, new = sql.Identifier("public", move.table.name), sql.Identifier(schema, bare)
        try:
            self.connection.execute(sql.SQL("LOCK TABLE {}, {} IN ACCESS EXCLUSIVE MODE").format(old, new))
        except psycopg.errors.UndefinedTable as error:
            raise AdoptionError(f"{error.diag.message_primary}: run the plan again.") from error
        (filled,) = self._row(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(new))
        if filled:
            raise AdoptionError(f"{move.target} has got rows meanwhile; only an empty table is replaced.")
        oids = [
            self._row(sql.SQL("SELECT {}::regclass::oid").format(sql.Literal(name.as_string(None))))[0]
            for name in (old, new)
        ]
        return _Place(move, oids[0], oids[1], read_shape(self.connection, oids[1]))

    def _take_away(self, twins: list[int]) -> Iterator[sql.Composed]:
        """Drop the empty tables; yields the statements that restore others' foreign keys to them. Others' policies
        that read them are restored with all access."""
        keys = self.connection.execute(
            "SELECT n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k "
            "JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid = ANY(%(twins)s) AND k.conrelid <> ALL(%(twins)s)",
            {"twins": twins},
        ).fetchall()
        policies = self.connection.execute(
            "SELECT DISTINCT n.nspname, c.relname, p.polname FROM pg_depend d JOIN pg_policy p ON p.oid = d.objid "
            "JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE d.classid = 'pg_policy'::regclass AND d.refobjid = ANY(%(twins)s) AND p.polrelid <> ALL(%(twins)s)",
            {"twins": twins},
        ).fetchall()
        for schema, table, name, definition in keys:
            where, key = sql.Identifier(schema, table), sql.Identifier(name)
            self.connection.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(where, key))
            yield sql.SQL(f"ALTER TABLE {{}} ADD CONSTRAINT {{}} {definition}").format(where, key)
        for schema, table, name in policies:
            self.connection.execute(
                sql.SQL("DROP POLICY {} ON {}").format(sql.Identifier(name), sql.Identifier(schema, table))
            )
        (names,) = self._row(
            sql.SQL("SELECT string_agg(t::regclass::text, ', ') FROM unnest({}::oid[]) t").format(twins)
        )
        self.connection.execute(sql.SQL("DROP TABLE " + names))

    def _move(self, place: _Place) -> None:
        """Schema, name and owner, with the table's partitions; sequences of its columns follow by themselves."""
        old = place.move.table.name
        parts = self.connection.execute(
            "SELECT n.nspname, c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE i.inhparent = %s",
            [place.oid],
        ).fetchall()
        for schema, name in (("public", old), *parts):
            new = place.bare + name.removeprefix(old) if name.startswith(old) else name
            if schema != place.schema:
                self._alter(sql.Identifier(schema, name), sql.SQL("SET SCHEMA {}"), place.schema)
            if name != new:
                self._alter(sql.Identifier(place.schema, name), sql.SQL("RENAME TO {}"), new)
            self._alter(sql.Identifier(place.schema, new), sql.SQL("OWNER TO {}"), OWNER_ROLE)
            self._revoke(place.schema, new)
        self._open_sequences(place)

    def _alter(self, table: sql.Identifier, change: sql.SQL, name: str) -> None:
        self.connection.execute(
            sql.SQL("ALTER TABLE {} ").format(table) + change.format(sql.Identifier(name))
        )

    def _revoke(self, schema: str, name: str) -> None:
        """Take away whatever was granted before; what is declared follows with all access."""
        table = sql.Identifier(schema, name)
        for (role,) in self.connection.execute(
            "SELECT DISTINCT a.grantee::regrole::text FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = %s::regclass "
            "AND a.grantee NOT IN (0, c.relowner) UNION SELECT DISTINCT a.grantee::regrole::text FROM pg_attribute c, "
            "aclexplode(c.attacl) a WHERE c.attrelid = %s::regclass AND a.grantee <> 0",
            [table.as_string(None)] * 2,
        ).fetchall():
            self.connection.execute(sql.SQL("REVOKE ALL ON {} FROM {} CASCADE").format(table, sql.SQL(role)))
        self.connection.execute(sql.SQL("REVOKE ALL ON {} FROM PUBLIC").format(table))

    def _open_sequences(self, place: _Place) -> None:
        verbs = access_of(place.move.model).grants(place.schema)
        writers = sql.SQL(", ").join(sql.Identifier(role) for role in verbs if "INSERT" in verbs[role])
        for name in place.move.table.sequences:
            sequence = sql.Identifier(place.schema, name)
            self.connection.execute(sql.SQL("REVOKE ALL ON {} FROM PUBLIC").format(sequence))
            self.connection.execute(
                sql.SQL("GRANT USAGE, SELECT ON SEQUENCE {} TO {}").format(sequence, writers)
            )

    def _reshape(self, places: list[_Place]) -> None:
        shapes = {place.oid: read_shape(self.connection, place.oid) for place in places}
        for place in places:
            self._do(drop_keys(place.table, shapes[place.oid], place.want))
        for place in places:
            self._do(drop_parts(place.table, place.schema, shapes[place.oid], place.want))
        for place in places:
            have = shapes[place.oid]
            self._do(alter_columns(place.table, have, place.want, self._values(place)))
            self._do(complete_parts(place.table, place.schema, have, place.want))

    def _values(self, place: _Place) -> dict[str, Any]:
        """What the rows there are get in added columns; asked for once the tenants are in their place."""
        values: dict[str, Any] = {}
        fields = fields_of(place.move.model)
        for name in missing_columns(place.move.table, place.move.model):
            if name == TENANT_COLUMN and self.tenant:
                values[name] = self._tenant_id()
            elif (default := default_of(fields[name])) is not None:
                values[name] = fields[name].get_db_prep_save(default, connections["default"])
        return values

    def _tenant_id(self) -> Any:
        found = self.connection.execute(
            "SELECT id FROM shared.tenants WHERE slug = %s", [self.tenant]
        ).fetchone()
        if found is None:
            raise AdoptionError(
                f"There is no tenant {self.tenant}: make it with manage.py create_tenant NAME --slug {self.tenant}, and "
                "adopt again. Trellis' own tables are there now; those of before have not moved."
            )
        return found[0]

    def _confirm(self, places: list[_Place]) -> None:
        """Nothing is committed that check_domains would object to."""
        heads = tuple(f"{place.move.target}{end}" for place in places for end in (":", "_"))
        report = check_domains(self.connection, self.living)
        if found := [sentence for sentence in report.differences if sentence.startswith(heads)]:
            raise AdoptionError(
                "The tables would not be as declared, so nothing has moved:\n" + "\n".join(found)
            )

    def _row(self, query: sql.Composed) -> tuple[Any, ...]:
        row: tuple[Any, ...] | None = self.connection.execute(query).fetchone()
        assert row is not None
        return row


def _wait_a_moment(connection: Connection) -> None:
    connection.execute(f"SET LOCAL lock_timeout = '{LIMITS['lock_timeout']}'")


def _drop_keys_without_successor(connection: Connection, plan: Plan) -> None:
    for key in plan.dropped:
        schema, _, table = key.table.partition(".")
        connection.execute(
            sql.SQL("ALTER TABLE IF EXISTS {} DROP CONSTRAINT IF EXISTS {}").format(
                sql.Identifier(schema, table), sql.Identifier(key.name)
            )
        )
