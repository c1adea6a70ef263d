"""The schema editor: migrations of tables that carry their schema in ``db_table``.

Django creates such tables, but later names indexes and sequences without the schema. ``DROP INDEX IF EXISTS
"name"`` and its like then find nothing, change nothing and report success. Here each is called by its schema.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from django.db import models
from django.db.backends.ddl_references import Statement
from django.db.backends.postgresql.schema import DatabaseSchemaEditor as PostgreSQLSchemaEditor
from django.db.backends.utils import names_digest

from shared.session.backend.names import fit, qualify, split_table

ON_TABLE_CREATED = "shared.records.protection.protect_created_table"
ON_MIGRATED = "shared.records.versions.upkeep.settle_touched"


@cache
def _function(dotted_path: str) -> Any:
    module, _, name = dotted_path.rpartition(".")
    return getattr(import_module(module), name)


class DatabaseSchemaEditor(PostgreSQLSchemaEditor):
    connection: Any

    sql_move_table = "ALTER TABLE %(table)s SET SCHEMA %(schema)s"
    # Checks still due on a table forbid to alter it, those of its other foreign keys too: run them all.
    # (Django names the one constraint, and that without its schema.)
    sql_delete_fk = "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE %(table)s DROP CONSTRAINT %(name)s"

    def __enter__(self) -> Any:
        self._touched: list[tuple[str, str, Any]] = []
        return super().__enter__()

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        hook = self.connection.settings_dict.get("ON_MIGRATED", ON_MIGRATED)
        if exc_type is None and hook and self._touched and not self.collect_sql:
            _function(hook)(self, self._touched)
        super().__exit__(exc_type, exc_value, traceback)

    def _touch(self, model: type[models.Model], db_table: str = "") -> None:
        schema, name = self._place(db_table or model._meta.db_table)
        self._touched.append((str(schema), name, model))

    # Tables

    def delete_model(self, model: type[models.Model]) -> None:
        self._touch(model)
        super().delete_model(model)

    def add_field(self, model: type[models.Model], field: Any) -> None:
        self._touch(model)
        super().add_field(model, field)

    def remove_field(self, model: type[models.Model], field: Any) -> None:
        self._touch(model)
        super().remove_field(model, field)

    def alter_field(
        self, model: type[models.Model], old_field: Any, new_field: Any, strict: bool = False
    ) -> None:
        self._touch(model)
        super().alter_field(model, old_field, new_field, strict)

    def create_model(self, model: type[models.Model]) -> None:
        super().create_model(model)  # which comes back here for the tables of many-to-many fields
        # A constraint that defers itself (references inside the tenant) gives Django nothing to defer.
        self.deferred_sql = [sql for sql in self.deferred_sql if sql is not None]
        self._table_created(model)

    def alter_db_table(self, model: type[models.Model], old_db_table: str, new_db_table: str) -> None:
        """Rename a table, move it to another schema, or both."""
        if old_db_table == new_db_table:
            return
        self._touch(model, new_db_table)
        self._touch(model, old_db_table)
        (old_schema, old_name), (new_schema, new_name) = self._place(old_db_table), self._place(new_db_table)
        name = old_name
        if old_schema != new_schema:
            if old_name != new_name:
                # Either schema may have a table of the other's name: pass by one that neither has.
                name = f"moving_{names_digest(old_db_table, new_db_table, length=16)}"
                self._rename_table(qualify(old_schema, old_name), name)
            self.execute(
                self.sql_move_table
                % {
                    "table": self.quote_name(qualify(old_schema, name)),
                    "schema": self.quote_name(new_schema or self.connection.schema_name),
                }
            )
        if name != new_name:
            self._rename_table(qualify(new_schema, name), new_name)
        for sql in self.deferred_sql:
            if isinstance(sql, Statement):
                sql.rename_table_references(old_db_table, new_db_table)
        # Who may use a table depends on its schema; the rights that it had came along.
        if old_schema != new_schema and model._meta.db_table == new_db_table:
            self._table_created(model)

    def _alter_many_to_many(
        self, model: type[models.Model], old_field: Any, new_field: Any, strict: bool
    ) -> None:
        super()._alter_many_to_many(model, old_field, new_field, strict)  # type: ignore[misc]
        old, new = old_field.remote_field.through, new_field.remote_field.through
        # alter_db_table was called with the old model, which does not know where the table is now.
        if self._place(old._meta.db_table)[0] != self._place(new._meta.db_table)[0]:
            self._table_created(new)

    def _rename_table(self, db_table: str, name: str) -> None:
        self.execute(
            self.sql_rename_table
            % {"old_table": self.quote_name(db_table), "new_table": self.quote_name(name)}
        )

    def _table_created(self, model: type[models.Model]) -> None:
        self._touch(model)
        hook = self.connection.settings_dict.get("ON_TABLE_CREATED", ON_TABLE_CREATED)
        if hook:
            _function(hook)(self, model)

    # Indexes and constraints

    def _create_index_name(self, table_name: str, column_names: list[str], suffix: str = "") -> str:
        # Django leaves the schema out and counts characters; PostgreSQL counts bytes.
        return fit(super()._create_index_name(table_name, column_names, suffix))  # type: ignore[misc]

    def _delete_index_sql(
        self, model: type[models.Model], name: str, sql: str | None = None, concurrently: bool = False
    ) -> Statement:
        # Django first forgets a deferred CREATE INDEX, which goes by the bare name.
        statement = super()._delete_index_sql(model, name, sql, concurrently)  # type: ignore[misc]
        statement.parts["name"] = self._beside(model, name)
        return statement

    def _rename_index_sql(self, model: type[models.Model], old_name: str, new_name: str) -> Statement:
        statement = super()._rename_index_sql(model, old_name, new_name)  # type: ignore[misc]
        statement.parts["old_name"] = self._beside(model, old_name)
        return statement

    def _delete_constraint_sql(self, template: str, model: type[models.Model], name: str) -> Statement:
        statement = super()._delete_constraint_sql(template, model, name)  # type: ignore[misc]
        if template == self.sql_delete_index:
            # A unique constraint with a condition, an expression or INCLUDE is a mere index to PostgreSQL.
            self._forget_deferred(model, name)
            statement.parts["name"] = self._beside(model, name)
        return statement

    def _forget_deferred(self, model: type[models.Model], name: str) -> None:
        """Drop a CREATE UNIQUE INDEX that still waits for the end of the migration which now removes it."""
        table, quoted = model._meta.db_table, self.quote_name(name)
        for sql in list(self.deferred_sql):
            if (
                isinstance(sql, Statement)
                and sql.references_table(table)
                and str(sql.parts.get("name")) == quoted
            ):
                self.deferred_sql.remove(sql)

    def _get_sequence_name(self, table: str, column: str) -> str | None:
        name = super()._get_sequence_name(table, column)  # type: ignore[misc]
        return qualify(self._place(table)[0], name) if name else None

    # Names

    def _place(self, db_table: str) -> tuple[str | None, str]:
        """The schema and the bare name of a table."""
        schema, name = split_table(db_table)
        return schema or self.connection.home_schema, name

    def _beside(self, model: type[models.Model], name: str) -> str:
        """The quoted name of an index, which lies in the schema of its table."""
        return self.quote_name(qualify(self._place(model._meta.db_table)[0], name))
