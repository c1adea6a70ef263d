"""The columns of a table against its model's fields: what can be added, and what is in the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
from django.db import connections, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.fields import NOT_PROVIDED
from psycopg import sql

from shared.domains.adopting.legacy import Column, LegacyTable
from shared.domains.adopting.shape import is_narrower

TENANT_COLUMN = "organization_id"
_HOLDS = {
    "integer": {"bigint"},
    "smallint": {"integer", "bigint"},
    "character varying": {"text"},
    "character varying[]": {"text[]"},
    "text": {"character varying"},
}
"""Types that a column may have instead of its field's: they take and give the same values, or (the last) are widened
without a row being written."""


def fields_of(model: type[models.Model]) -> dict[str, models.Field[Any, Any]]:
    """A model's fields by the name of their column."""
    return {str(field.column): field for field in model._meta.local_concrete_fields}


def missing_columns(table: LegacyTable, model: type[models.Model]) -> list[str]:
    """Columns that the model has and the table has not."""
    return [column for column in fields_of(model) if column not in table.columns]


def column_obstacles(
    connection: psycopg.Connection[Any], table: LegacyTable, model: type[models.Model], *, tenant_given: bool
) -> Iterator[str]:
    """A sentence for each column that keeps the table from being what the model says."""
    fields = fields_of(model)
    types = {name: str(field.db_type(connections["default"])) for name, field in fields.items()}
    plain = _plain_types(connection, types)
    for name in missing_columns(table, model):
        field = fields[name]
        if name == TENANT_COLUMN:
            if not tenant_given:
                yield f"column {name} is missing: add it, or name the tenant of all rows (--tenant SLUG)."
        elif isinstance(field, models.GeneratedField):
            statement = _generated_column(table, field, types)
            yield (
                f"column {name}, which is generated, is missing: adding it rewrites the table, so do that before: "
                f"{statement}"
            )
        elif not can_be_added(field):
            yield f"column {name} ({types[name]}) is missing and has no default: add it and fill it."
    for name, column in table.columns.items():
        if name not in fields:
            yield f"no field declares column {name}: keep what it holds in custom_fields, and drop it."
        else:
            yield from _differences(connection, table.name, column, fields[name], plain[name])
            field = fields[name]
            if isinstance(field, models.GeneratedField) and column.generated:
                for source in _narrow_sources(table, field, types):
                    yield (
                        f"column {source} must become {types[source]}, which PostgreSQL refuses as long as {name} is "
                        f"generated from it: drop {name}, and run this again for the statement that adds it."
                    )


def _generated_column(table: LegacyTable, field: models.GeneratedField, types: Mapping[str, str]) -> str:
    """The statement that adds a generated column. What it is made of becomes as wide as the model's in the same breath:
    afterwards PostgreSQL would not let it."""
    connection = connections["default"]
    expression, parameters = field.generated_sql(connection)
    values = tuple(connection.schema_editor().quote_value(value) for value in parameters)
    changes = [f"ALTER {name} TYPE {types[name]}" for name in _narrow_sources(table, field, types)]
    changes.append(
        f"ADD {field.column} {types[str(field.column)]} GENERATED ALWAYS AS ({expression % values}) STORED"
    )
    return f"ALTER TABLE public.{table.name} {', '.join(changes)};"


def _narrow_sources(table: LegacyTable, field: models.GeneratedField, types: Mapping[str, str]) -> list[str]:
    """Columns that a generated one is made of and that adoption makes wider."""
    expression: Any = field.expression  # type: ignore[attr-defined]  # missing in the stubs
    made_of = {getattr(part, "name", "") for part in expression.flatten() if isinstance(part, models.F)}
    names = sorted(name for name, own in fields_of(field.model).items() if own.name in made_of)
    return [
        name
        for name in names
        if name in table.columns
        and is_narrower(table.columns[name].declared, types[name].replace("varchar", "character varying"))
    ]


def can_be_added(field: models.Field[Any, Any]) -> bool:
    """Whether the column can be added without writing a row: one value, the same for all, is its default."""
    if field.primary_key or field.unique:
        return False
    return field.null or _has_plain_db_default(field) or default_of(field) is not None


def default_of(field: models.Field[Any, Any]) -> Any:
    """The value that Django itself gives to the rows there are when it adds a field; None where it has none."""
    return BaseDatabaseSchemaEditor._effective_default(field)  # type: ignore[attr-defined]  # missing in the stubs


def _has_plain_db_default(field: models.Field[Any, Any]) -> bool:
    default = getattr(field, "db_default", NOT_PROVIDED)
    return default is not NOT_PROVIDED and not field.primary_key


def _differences(
    connection: psycopg.Connection[Any],
    table: str,
    column: Column,
    field: models.Field[Any, Any],
    wanted: str,
) -> Iterator[str]:
    if column.type != wanted and column.type not in _HOLDS.get(wanted, ()):
        yield f"column {column.name} is {column.type}, the model's is {wanted}: convert it before."
    if isinstance(field, models.GeneratedField) != column.generated:
        yield f"column {column.name} {'is' if column.generated else 'is not'} generated, unlike the model's."
    elif column.nullable and not field.null and not column.generated:
        query = sql.SQL("SELECT EXISTS (SELECT FROM public.{} WHERE {} IS NULL)").format(
            sql.Identifier(table), sql.Identifier(column.name)
        )
        (found,) = connection.execute(query).fetchone() or (False,)
        if found:
            yield f"column {column.name} has rows without a value, which the model does not allow: fill them."


def _plain_types(connection: psycopg.Connection[Any], types: Mapping[str, str]) -> dict[str, str]:
    rows = connection.execute(
        "SELECT n, format_type(to_regtype(t), NULL) FROM unnest(%s::text[], %s::text[]) u(n, t)",
        [list(types), list(types.values())],
    ).fetchall()
    return dict(rows)
