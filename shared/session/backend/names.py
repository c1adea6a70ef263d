"""Names of tables, indexes and constraints when ``db_table`` carries a schema.

A model says ``db_table = 'support_app"."tickets'``: quoted by Django it becomes ``"support_app"."tickets"``,
which PostgreSQL understands wherever a table may stand. Indexes and sequences live in their table's schema,
are created by their bare name, and have to be named with the schema when they are changed or dropped.
"""

from __future__ import annotations

from typing import Final

from django.db.backends.utils import names_digest

from shared.domains.registry import split_table

__all__ = ["MAX_NAME_BYTES", "TENANT_SCHEMAS", "fit", "qualify", "split_table"]

MAX_NAME_BYTES: Final = 63
"""PostgreSQL cuts longer identifiers off, at a byte, with no more than a notice."""

TENANT_SCHEMAS: Final = "^tenant_[0-9a-f]{32}$"
"""Schemas of one tenant each (a PostgreSQL regular expression); their tables have unqualified names."""


def qualify(schema: str | None, name: str) -> str:
    """``("support_app", "tickets")`` → ``support_app"."tickets``, which Django's ``quote_name`` completes."""
    return f'{schema}"."{name}' if schema else name


def fit(name: str) -> str:
    """The name itself, or one of at most 63 bytes that ends in a digest of it."""
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    digest = names_digest(name, length=8)
    head = name.encode()[: MAX_NAME_BYTES - len(digest) - 1].decode(errors="ignore")
    return f"{head}_{digest}"
