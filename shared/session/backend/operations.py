"""What the ORM says differently when a table carries its schema."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.backends.postgresql.operations import DatabaseOperations as PostgreSQLOperations

from shared.session.backend.names import split_table


class DatabaseOperations(PostgreSQLOperations):
    compiler_module = "shared.records.versions.compiler"
    """What the ORM makes SQL with: as Django's, and as of a moment."""

    def for_update_sql(
        self, nowait: bool = False, skip_locked: bool = False, of: Iterable[str] = (), no_key: bool = False
    ) -> str:
        # PostgreSQL: "FOR UPDATE must specify unqualified relation names", even where FROM has the schema.
        tables = [self.quote_name(split_table(name)[1]) for name in of]
        return super().for_update_sql(nowait=nowait, skip_locked=skip_locked, of=tables, no_key=no_key)
