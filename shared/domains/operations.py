"""Migration operations: who may use a table, and hand-written SQL functions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db.migrations.operations import RemoveField
from django.db.migrations.operations.base import Operation

from shared.domains.access import TENANT_ROWS, TableAccess, protect_sql
from shared.domains.functions import function_access_sql
from shared.domains.registry import domains


class SetTableAccess(Operation):
    """Give a table the policies and grants of ``access`` instead of the rule's (``before`` when undone)."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, model_name: str, access: TableAccess, before: TableAccess = TENANT_ROWS) -> None:
        self.model_name = model_name
        self.access = access
        self.before = before

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Policies are no part of Django's state."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._apply(app_label, schema_editor, to_state, self.access)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._apply(app_label, schema_editor, to_state, self.before)

    def _apply(self, app_label: str, schema_editor: Any, state: Any, access: TableAccess) -> None:
        model = state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            for statement in protect_sql(model._meta.db_table, access):
                schema_editor.execute(statement)

    def describe(self) -> str:
        return f"Set who may read and write {self.model_name}"


class RemoveColumn(RemoveField):
    """Remove a field whose column code of the release before can do without; ``reason`` says why it can. The migration
    linter refuses a plain RemoveField."""

    def __init__(self, model_name: str, name: str, reason: str) -> None:
        super().__init__(model_name, name)
        self.reason = reason

    def deconstruct(self) -> Any:
        return (
            type(self).__name__,
            [],
            {"model_name": self.model_name, "name": self.name, "reason": self.reason},
        )

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.collect_sql:
            schema_editor.collected_sql.append(f"-- {self.reason}\n-- squawk-ignore ban-drop-column")
        super().database_forwards(app_label, schema_editor, from_state, to_state)


class CreateFunctions(Operation):
    """Create the SQL functions of a file.

    ``functions`` are their signatures (``shared.uuid7()``), dropped when undone. Whoever writes their schema may call
    them. ``lookup=True`` lets the bare logins call them instead, who have not taken on a role yet: only for the
    look-ups that find out who is asking. ``private=True`` keeps them for triggers and other functions of the owner's.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(
        self, path: str, functions: tuple[str, ...], lookup: bool = False, private: bool = False
    ) -> None:
        self.path = path
        self.functions = functions
        self.lookup = lookup
        self.private = private

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Functions are no part of Django's state."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        from django.apps import apps

        file = Path(apps.get_app_config(app_label).path) / self.path
        schema_editor.execute(file.read_text(), params=None)
        for function in self.functions:
            for statement in function_access_sql(function, lookup=self.lookup, private=self.private):
                schema_editor.execute(statement)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for function in reversed(self.functions):
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {function}")

    def describe(self) -> str:
        return f"Create functions of {self.path}"


def open_to_all_sql(table: str) -> Iterator[str]:
    """Let every domain read a table; the central one writes it anyway, by the default privileges of ``public``."""
    for domain in domains():
        if not domain.central:
            yield f"GRANT SELECT ON {table} TO {domain.role}"


class OpenToAllDomains(Operation):
    """Let every domain read library tables in ``public`` that Django asks for whoever acts (content types)."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, *tables: str) -> None:
        self.tables = tables

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Grants are no part of Django's state."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for table in self.tables:
            for statement in open_to_all_sql(table):
                schema_editor.execute(statement)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for domain in domains():
            if not domain.central:
                schema_editor.execute(f"REVOKE SELECT ON {', '.join(self.tables)} FROM {domain.role}")

    def describe(self) -> str:
        return f"Let every domain read {', '.join(self.tables)}"
