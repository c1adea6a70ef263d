"""Search by prefix: under row-level security only leakproof operators reach an index, and `<`, `>=`, `=`
are."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import models

LAST_CHARACTER = "\U0010ffff"
TOO_COSTLY_LOOKUPS = frozenset(
    {
        "contains",
        "icontains",
        "startswith",
        "istartswith",
        "endswith",
        "iendswith",
        "iexact",
        "regex",
        "iregex",
        "search",
        "contained_by",
        "has_key",
        "has_keys",
        "has_any_keys",
    }
)
"""Lookups that read every row of the tenant: not offered in a page's address."""


def prefix_condition(model: type[models.Model], names: Sequence[str], term: str) -> models.Q:
    """Rows in which one of the fields begins with the term; identifiers and numbers must match as a whole.

    Fields named ``…_norm`` hold lower case, so the term is lowered for them.
    """
    condition = models.Q(pk__in=())
    for name in names:
        field = _field_of(model, name)
        if isinstance(field, models.UUIDField):
            if (identifier := _uuid_or_none(term)) is not None:
                condition |= models.Q(**{name: identifier})
        elif isinstance(field, models.IntegerField):
            if term.isascii() and term.isdigit() and len(term) < 19:
                condition |= models.Q(**{name: int(term)})
        else:
            start = term.lower() if name.endswith("_norm") else term
            condition |= models.Q(**{f"{name}__gte": start, f"{name}__lt": start + LAST_CHARACTER})
    return condition


def _field_of(model: type[models.Model], path: str) -> models.Field[Any, Any]:
    field: Any = None
    for name in path.split("__"):
        field = model._meta.get_field(name)
        if field.is_relation:
            model = field.related_model
    if isinstance(field, models.GeneratedField):
        return field.output_field  # type: ignore[return-value]
    return field  # type: ignore[no-any-return]


def _uuid_or_none(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
