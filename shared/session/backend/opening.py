"""Says BEGIN and the facts in the same message as the first statement of a unit.

A unit of work would otherwise cost three round trips before its first row: BEGIN, the facts, the statement. Both
wait on the connection as its *opening* until a statement comes, and travel with it in one simple-protocol message
(Django binds parameters on the client, so a statement is plain text by then). A unit without statements costs
nothing at all.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base as postgresql
from psycopg import Connection, sql

BEGIN = "BEGIN"

# Any, since the stubs do not know that Django's cursor is psycopg's.
_Cursor: Any = postgresql.Cursor  # type: ignore[attr-defined]


def opening_of(connection: Connection[Any]) -> str:
    """What is still to be said before the next statement; empty when nothing is."""
    return getattr(connection, "trellis_opening", "")


def set_opening(connection: Connection[Any], statements: str) -> None:
    """Replace what is to be said before the next statement."""
    connection.trellis_opening = statements  # type: ignore[attr-defined]


class OpeningCursor(_Cursor):
    """Django's cursor, which says the connection's opening before its first statement."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        opening = opening_of(self.connection)
        if not opening:
            return super().execute(query, params, **options)
        set_opening(self.connection, "")
        if params is not None:
            query = self.mogrify(query, params)
        elif isinstance(query, sql.Composable):
            query = query.as_string(self.connection)
        elif isinstance(query, bytes):
            query = query.decode()
        super().execute(f"{opening}; {query}", None, **options)
        while self.nextset():  # the answer to the statement is the last one
            pass
        return self

    def executemany(self, *args: Any, **options: Any) -> Any:
        self._say_opening()
        return super().executemany(*args, **options)

    def copy(self, *args: Any, **options: Any) -> Any:
        self._say_opening()
        return super().copy(*args, **options)

    def stream(self, *args: Any, **options: Any) -> Any:
        self._say_opening()
        return super().stream(*args, **options)

    def _say_opening(self) -> None:
        opening = opening_of(self.connection)
        if opening:
            set_opening(self.connection, "")
            super().execute(opening)
