"""Record identifiers: UUID version 7, ordered by time."""

from __future__ import annotations

import uuid

from django.db.models import Func, UUIDField
from uuid_utils.compat import uuid7 as _uuid7


def uuid7() -> uuid.UUID:
    """A new UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then randomness."""
    return _uuid7()


class UUID7(Func):
    """The database's own uuid7(), for rows that raw SQL inserts (PostgreSQL 15 has none built in)."""

    function = "shared.uuid7"
    arity = 0
    output_field = UUIDField()  # type: ignore[assignment]  # django-stubs types it as a property
