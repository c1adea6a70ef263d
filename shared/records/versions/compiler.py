"""The ORM's compilers, which read the past where a query is about it (see past.py).

The statement says ``WITH "support_app.tickets" AS NOT MATERIALIZED (… its rows of then …)`` and names these rows where it
would name the table. PostgreSQL merges them into the statement, so conditions, joins and orders reach the indexes of the
version tables. The table of the backend's operations names this module (``compiler_module``).
"""

from __future__ import annotations

from typing import Any

from shared.records.versions.past import (
    PastIsFixedError,
    around,
    has_past,
    moment_of,
    past_name,
    past_rows,
    refuse_past_rows,
)
from shared.session.backend import compiler


class _Reading(compiler.SQLCompiler):
    """A statement that reads."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.moment = moment_of(self.query)
        self.tables: list[str] = []

    def quote_name_unless_alias(self, name: str) -> str:
        if self.moment is not None and has_past(name):
            return past_name(name)
        return str(super().quote_name_unless_alias(name))

    def get_from_clause(self) -> Any:
        """Notes the tables; a join that only shows something is known while the statement is made, and not after."""
        found = super().get_from_clause()
        used = (self.query.alias_map[alias] for alias, count in self.query.alias_refcount.items() if count)
        self.tables = list(dict.fromkeys(t.table_name for t in used if has_past(t.table_name or "")))
        return found

    def collapse_group_by(self, expressions: Any, having: Any) -> Any:
        """The primary key stands for all columns of a table, but not of its rows of then."""
        return super().collapse_group_by(expressions, having) if self.moment is None else expressions

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        if self.moment is None:
            return super().as_sql(*args, **kwargs)
        if getattr(self.query, "select_for_update", False):
            raise PastIsFixedError("What was cannot be locked: leave out select_for_update() or as_of().")
        self.tables = []
        with around(self.moment):
            sql, params = super().as_sql(*args, **kwargs)
        if not self.tables:
            return sql, params
        parts, values = [], []
        for table in self.tables:
            rows, given = past_rows(table, self.moment, entity=getattr(self.query, "entity", ""))
            parts.append(f"{past_name(table)} AS NOT MATERIALIZED ({rows})")
            values += given
        explain = ""
        if self.query.explain_info:
            explain, select, rest = sql.partition("SELECT")
            sql = f"{select}{rest}"
        return f"{explain}WITH {', '.join(parts)} {sql}", (*values, *params)


class _Writing:
    """A statement that writes: never about the past."""

    query: Any

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        refuse_past_rows(self)  # type: ignore[arg-type]  # it has a query, too
        return super().as_sql(*args, **kwargs)  # type: ignore[misc]


class SQLCompiler(_Reading):
    pass


class SQLAggregateCompiler(compiler.SQLAggregateCompiler, _Reading):
    pass


class SQLInsertCompiler(_Writing, compiler.SQLInsertCompiler):
    pass


class SQLUpdateCompiler(_Writing, compiler.SQLUpdateCompiler):
    pass


class SQLDeleteCompiler(_Writing, compiler.SQLDeleteCompiler):
    pass
