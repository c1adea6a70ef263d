"""What the ORM asks of tables in the tenants' own schemas, some of which are older than the code.

Such a model names the fields that came later (``fields_since``). Where the unit's tenant has not got them yet they are
left out: a read defers them, an insert neither sets them nor asks for them.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from django.db.backends.postgresql import compiler
from django.db.backends.postgresql.compiler import SQLAggregateCompiler, SQLDeleteCompiler, SQLUpdateCompiler

__all__ = [
    "SQLAggregateCompiler",
    "SQLCompiler",
    "SQLDeleteCompiler",
    "SQLInsertCompiler",
    "SQLUpdateCompiler",
]


class SQLCompiler(compiler.SQLCompiler):
    def get_default_columns(
        self, select_mask: Any, start_alias: Any = None, opts: Any = None, from_parent: Any = None
    ) -> list[Any]:
        columns: list[Any] = super().get_default_columns(select_mask, start_alias, opts, from_parent)
        meta = opts or self.query.get_meta()
        missing = _missing(meta.model) if meta is not None and columns else None
        return [column for column in columns if column.target.name not in missing] if missing else columns


class SQLInsertCompiler(compiler.SQLInsertCompiler):
    query: Any

    def execute_sql(self, returning_fields: Any = None) -> list[Any]:  # type: ignore[override]  # as Django's own
        missing = _missing(self.query.get_meta().model)
        if not missing:
            return super().execute_sql(returning_fields)  # type: ignore[no-any-return]
        self.query.fields = [field for field in self.query.fields if field.name not in missing]
        asked = list(returning_fields or ())
        there = [field for field in asked if field.name not in missing]
        rows = super().execute_sql(there)
        return [_in_place(dict(zip(there, row, strict=True)), asked) for row in rows]


def _missing(model: Any) -> frozenset[str]:
    if not hasattr(getattr(model, "instance_type", model), "fields_since"):
        return frozenset()
    found: frozenset[str] = _asked()(model)
    return found


def _in_place(row: dict[Any, Any], asked: list[Any]) -> tuple[Any, ...]:
    return tuple(row.get(field) for field in asked)


@cache
def _asked() -> Any:
    return import_module("shared.tenancy.standing").fields_not_there_yet  # which stands on this package
