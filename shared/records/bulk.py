"""Updating many rows with values of their own: one statement with arrays, where Django writes a CASE per row and column.

For 5,000 rows Django's statement has 5,000 conditions for each column, which take longer to write than the rows to change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connections, models, transaction

BATCH = 5_000


def update_by_values(
    rows: models.QuerySet[Any], objs: Sequence[Any], names: Iterable[str], batch_size: int | None
) -> int | None:
    """As ``QuerySet.bulk_update``: returns how many rows matched; None, having done nothing, for what Django must do.

    That is a query over several tables, an expression as a value, or an array, of which PostgreSQL has no array of arrays.
    """
    model = rows.model
    fields = [model._meta.get_field(name) for name in names]
    plain = all(_is_plain(field) for field in fields)
    if not plain or not fields or (batch_size is not None and batch_size <= 0):
        return None
    if any(obj.pk is None or _has_expression(obj, fields) for obj in objs):
        return None
    query = rows.query.chain()
    query.get_initial_alias()
    tables = [alias for alias, count in query.alias_refcount.items() if count]
    if len(tables) > 1 or query.is_sliced or query.distinct or query.combinator:
        return None
    for obj in objs:
        obj._prepare_related_fields_for_save(operation_name="bulk_update", fields=fields)
    using = rows.db
    where, parameters = query.get_compiler(using).compile(query.where) if query.where else ("true", ())
    columns = [model._meta.pk, *fields]
    quote = connections[using].ops.quote_name
    table = quote(model._meta.db_table)
    changes = ", ".join(f"{quote(f.column)} = v.{quote(f.column)}" for f in fields)
    arrays = ", ".join(f"%s::{_array_type(f, using)}" for f in columns)
    listed = ", ".join(quote(f.column) for f in columns)
    key = quote(columns[0].column)
    statement = (
        f"UPDATE {table} SET {changes} FROM unnest({arrays}) AS v ({listed}) "
        f"WHERE {table}.{key} = v.{key} AND ({where})"
    )
    count = 0
    size = batch_size or BATCH
    with transaction.atomic(using=using, savepoint=False), connections[using].cursor() as cursor:
        for start in range(0, len(objs), size):
            batch = objs[start : start + size]
            values = [[_value(f, obj, using) for obj in batch] for f in columns]
            cursor.execute(statement, [*values, *parameters])
            count += cursor.rowcount
    return count


def _is_plain(field: Any) -> bool:
    return (
        isinstance(field, models.Field)
        and field.concrete
        and not field.many_to_many
        and not field.primary_key
        and not isinstance(field, (ArrayField, models.GeneratedField))
    )


def _has_expression(obj: Any, fields: Sequence[Any]) -> bool:
    return any(hasattr(getattr(obj, field.attname), "resolve_expression") for field in fields)


def _array_type(field: Any, using: str) -> str:
    """Without its length: a cast to varchar(3) would cut what is too long, where writing it is refused."""
    return re.sub(r"\(.*?\)", "", str(field.db_type(connections[using]))) + "[]"


def _value(field: Any, obj: Any, using: str) -> Any:
    value = field.get_db_prep_save(getattr(obj, field.attname), connections[using])
    return value.value if isinstance(value, Enum) else value
