"""Tables that tell of every change themselves, by triggers: for records of which others keep copies.

No path of writing escapes these: not an import, an undo, an update of many rows, or SQL by hand. A model says ``tells``, a
migration does ``TellRecords``; the function that publishes is generated. Where an event says what lies in other tables, its
function is written by hand (``CreateFunctions(…, private=True)`` and ``TellChanges``), with ``shared.write_events``; its
transition tables are called ``old_rows`` and ``new_rows``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.migrations.operations.base import Operation

from shared.domains.access import quoted
from shared.domains.functions import function_access_sql
from shared.domains.operations import CreateFunctions
from shared.domains.registry import domains, split_table
from shared.records.constraints import short_name

TELLING = ("tell_insert", "tell_update", "tell_delete")
CHUNK = 5_000
"""So many events are written at a time, of a statement that changes more rows."""
_ROWS = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}


@dataclass(frozen=True)
class Tells:
    """Which event a table publishes, with which columns; ``subject`` is the one that holds the golden customer's id.

    The event's class derives from ``RecordChanged`` and has these columns as its fields.
    """

    event: str
    columns: tuple[str, ...]
    subject: str = ""
    version: int = 1

    def deconstruct(self) -> tuple[str, tuple[()], dict[str, Any]]:
        """How a migration writes this value down."""
        values = {
            "event": self.event,
            "columns": self.columns,
            "subject": self.subject,
            "version": self.version,
        }
        return f"{type(self).__module__}.{type(self).__name__}", (), values


def function_of(db_table: str) -> str:
    """The signature of the generated function of a table."""
    schema, table = split_table(db_table)
    return f"{schema}.{short_name('tell', table)}()"


def function_sql(db_table: str, tells: Tells) -> str:
    """CREATE FUNCTION: publishes an event for each new, changed or removed row.

    Nested loops are off: their cost is estimated when a plan is made, and would be kept for statements of any size.
    """
    schema, _ = split_table(db_table)
    domain = next(d.name for d in domains() if d.schema == schema)
    aggregate = tells.event.rpartition(".")[0]

    def event(row: str, flags: str, before: str = "'{}'::jsonb") -> str:
        values = ", ".join(f"'{c}', {row}.\"{c}\"" for c in tells.columns)
        subject = f'{row}."{tells.subject}"' if tells.subject else "NULL"
        return (
            f"jsonb_build_object('id', shared.uuid7(), 'name', '{tells.event}', 'version', {tells.version}, "
            f"'type', '{aggregate}', 'aggregate', {row}.id, 'subject', {subject}, "
            f"'data', jsonb_build_object('id', {row}.id, {values}, {flags}, 'before', {before}))"
        )

    changed = ", ".join(f'(\'{c}\', to_jsonb(o."{c}"), to_jsonb(n."{c}"))' for c in tells.columns)
    before = (
        "(SELECT coalesce(jsonb_object_agg(k.name, k.was), '{}') "
        f"FROM (VALUES {changed}) AS k (name, was, is_now) WHERE k.was IS DISTINCT FROM k.is_now)"
    )
    sides = [", ".join(f'{row}."{c}"' for c in (*tells.columns, "deleted_at")) for row in ("o", "n")]
    inserted = event("n", "'is_new', true, 'is_deleted', n.deleted_at IS NOT NULL")
    removed = event("o", "'is_new', false, 'is_deleted', true")
    updated = event("n", "'is_new', false, 'is_deleted', n.deleted_at IS NOT NULL", before)
    loops = {
        "INSERT": f"SELECT n.organization_id, {inserted} AS event, n.id FROM new_rows n",
        "DELETE": f"SELECT o.organization_id, {removed} AS event, o.id FROM old_rows o WHERE o.deleted_at IS NULL",
        "UPDATE": f"SELECT n.organization_id, {updated} AS event, n.id FROM new_rows n "
        f"JOIN old_rows o ON o.id = n.id WHERE ({sides[0]}) IS DISTINCT FROM ({sides[1]})",
    }
    body = "\n".join(
        f"  IF TG_OP = '{verb}' THEN\n    FOR _organization, _events IN {in_chunks(query)} LOOP\n"
        f"      PERFORM shared.write_events('{domain}', _organization, _events);\n    END LOOP;\n  END IF;"
        for verb, query in loops.items()
    )
    return (
        f"CREATE OR REPLACE FUNCTION {function_of(db_table)} RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
        "SET search_path = pg_catalog, pg_temp SET enable_nestloop = off AS $$\n"
        f"DECLARE\n  _organization uuid;\n  _events jsonb;\nBEGIN\n{body}\n  RETURN NULL;\nEND\n$$"
    )


def in_chunks(query: str) -> str:
    """(tenant, array of events) of a query for (organization_id, event, id): an array of JSON may not grow without bound."""
    return (
        "SELECT c.organization_id, jsonb_agg(c.event ORDER BY c.id) FROM (SELECT r.*, (row_number() OVER "
        f"(PARTITION BY r.organization_id ORDER BY r.id) - 1) / {CHUNK} AS chunk FROM ({query}) r) c "
        "GROUP BY c.organization_id, c.chunk ORDER BY c.organization_id, c.chunk"
    )


def telling_sql(db_table: str, function: str) -> Iterator[str]:
    """Statements that make a table tell; also where session_replication_role says that we are a replica."""
    table = quoted(db_table)
    for name in TELLING:
        verb = name.removeprefix("tell_")
        yield (
            f"CREATE OR REPLACE TRIGGER {name} AFTER {verb.upper()} ON {table} REFERENCING {_ROWS[verb]} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {function}"
        )
        yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"


class TellChanges(Operation):
    """Have a model's table publish its changes by a trigger function."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, model_name: str, function: str) -> None:
        self.model_name = model_name
        self.function = function

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Triggers are no part of Django's state."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            for statement in telling_sql(model._meta.db_table, self.function):
                schema_editor.execute(statement)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            for name in TELLING:
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {name} ON {quoted(model._meta.db_table)}")

    def describe(self) -> str:
        return f"Publish changes of {self.model_name}"


class TellRecords(CreateFunctions):
    """Have a table publish its changes by the function that is generated for it."""

    def __init__(self, db_table: str, tells: Tells) -> None:
        super().__init__("", (function_of(db_table),), private=True)
        self.db_table = db_table
        self.tells = tells

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        return type(self).__name__, (self.db_table, self.tells), {}

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        schema_editor.execute(function_sql(self.db_table, self.tells), params=None)
        for statement in function_access_sql(self.functions[0], lookup=False, private=True):
            schema_editor.execute(statement)
        for statement in telling_sql(self.db_table, self.functions[0]):
            schema_editor.execute(statement)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for name in TELLING:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name} ON {quoted(self.db_table)}")
        super().database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Publish changes of {self.db_table}"
