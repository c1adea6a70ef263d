"""Tables that tell of every change themselves, by triggers: for records of which others keep copies.

No path of writing escapes these: not an import, an undo, an update of many rows, or SQL by hand. A model names its
trigger function (``tells``), a migration creates it (``CreateFunctions(…, private=True)``) and sets it with ``TellChanges``.
The function publishes with ``shared.write_events``; its transition tables are called ``old_rows`` and ``new_rows``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.migrations.operations.base import Operation

from shared.domains.access import quoted

TELLING = ("tell_insert", "tell_update", "tell_delete")
_ROWS = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}


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
