"""Soft delete: hide a record with what would cascade, and restore them together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db import models


def owned_by(model: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """Models whose rows go with a row of ``model``: (model, name of the foreign key)."""
    for relation in model._meta.related_objects:
        child = relation.related_model
        if relation.on_delete is models.CASCADE and hasattr(child, "deleted_at"):
            yield child, relation.field.name  # type: ignore[misc]


def hide(rows: models.QuerySet[Any], *, at: dt.datetime) -> int:
    """Mark rows and their dependants deleted at the same instant. What refers by SET NULL stays as it is."""
    ids = list(rows.filter(deleted_at__isnull=True).values_list("pk", flat=True))
    if not ids:
        return 0
    for child, name in owned_by(rows.model):
        hide(child._base_manager.using(rows.db).filter(**{f"{name}__in": ids}), at=at)
    _claims().release_values(rows.model, ids)
    return rows.model._base_manager.using(rows.db).filter(pk__in=ids).update(deleted_at=at)


def unhide(rows: models.QuerySet[Any], *, at: dt.datetime) -> int:
    """Restore rows that were hidden at the instant ``at``, with the dependants that went with them."""
    ids = list(rows.filter(deleted_at=at).values_list("pk", flat=True))
    if not ids:
        return 0
    _claims().reclaim_values(rows.model, ids)
    count = rows.model._base_manager.using(rows.db).filter(pk__in=ids).update(deleted_at=None)
    for child, name in owned_by(rows.model):
        unhide(child._base_manager.using(rows.db).filter(**{f"{name}__in": ids}), at=at)
    return count


def _claims() -> Any:
    """The keeper of unique values, whose tables are records themselves."""
    from shared.records.custom_fields import claims

    return claims
