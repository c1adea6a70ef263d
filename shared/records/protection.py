"""What a tenant table gets the moment it is created: policies, grants, the version trigger."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from shared.domains.access import TENANT_ROWS, TableAccess, protect_sql, quoted
from shared.records.versions.triggers import guard_statements

VERSION_ROWS = TableAccess(written_by_history=True)
DERIVED_ROWS = TableAccess(derived=True)
TOUCH_TRIGGER = "touch_record"
"""BEFORE UPDATE: raises version and updated_at (function shared.touch_record)."""


def touch_trigger_sql(db_table: str) -> str:
    return (
        f"CREATE OR REPLACE TRIGGER {TOUCH_TRIGGER} BEFORE UPDATE ON {quoted(db_table)} "
        "FOR EACH ROW EXECUTE FUNCTION shared.touch_record()"
    )


def has_columns(model: type[models.Model], *columns: str) -> bool:
    """Whether the model's table has all these columns."""
    return set(columns) <= {field.column for field in model._meta.local_concrete_fields}


def created_table_sql(model: type[models.Model]) -> Iterator[str]:
    """The statements that follow CREATE TABLE; derived from columns, so that migration states need no classes."""
    if has_columns(model, "history_id", "valid_from"):
        yield from protect_sql(model._meta.db_table, VERSION_ROWS)
        yield from guard_statements(quoted(model._meta.db_table))
        return
    if has_columns(model, "organization_id", "record_id", "term"):
        yield from protect_sql(model._meta.db_table, DERIVED_ROWS)
        return
    if has_columns(model, "organization_id"):
        yield from protect_sql(model._meta.db_table, TENANT_ROWS)
    if has_columns(model, "version", "updated_at"):
        yield touch_trigger_sql(model._meta.db_table)


def protect_created_table(schema_editor: BaseDatabaseSchemaEditor, model: type[models.Model]) -> None:
    """Hook of the schema editor: no tenant table ever exists without its policy."""
    for statement in created_table_sql(model):
        schema_editor.execute(statement)
