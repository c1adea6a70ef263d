"""Unique values: who has which. Race-safe by a unique index, whatever the order of the transactions."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, models, transaction

from shared.errors import Conflict
from shared.records.custom_fields.models import CustomFieldDefinition, UniqueFieldValue
from shared.records.custom_fields.selectors import find_value_model
from shared.records.models import Record

_ATTEMPTS = 3


def claim_values(record: Record, wanted: Mapping[CustomFieldDefinition, Any]) -> None:
    """Let the record have these values and no other of the same fields (None: give it up); raises Conflict.

    An insert waits for whoever is taking the same value in this moment, then steps back.
    """
    table = find_value_model(type(record))
    assert table is not None
    if not record._state.adding:
        table.objects.filter(record_id=record.pk, definition__in=list(wanted)).delete()
    missing = {d: comparable(value) for d, value in wanted.items() if value is not None}
    for _ in range(_ATTEMPTS):
        if not missing:
            return
        _insert(table, record, missing)
        owners = _owners(table, missing)
        taken = [d for d in missing if owners.get((d.pk, missing[d]), record.pk) != record.pk]
        if taken:
            raise Conflict(
                "Another record has this value already.",
                code="duplicate",
                errors={f"custom_fields.{d.key}": f"Another record has this {d.label}." for d in taken},
            )
        missing = {d: value for d, value in missing.items() if (d.pk, value) not in owners}
    raise Conflict("Others are taking the same values in this moment: try again.")


def _insert(
    table: type[UniqueFieldValue], record: Record, values: Mapping[CustomFieldDefinition, str]
) -> None:
    rows = []
    for definition in sorted(values, key=lambda d: d.pk):  # one order for everybody: no deadlock
        row = table(definition=definition, record_id=record.pk, value=values[definition])
        row.adopt_unit()
        rows.append(row)
    table.objects.bulk_create(rows, ignore_conflicts=True)


def _owners(
    table: type[UniqueFieldValue], values: Mapping[CustomFieldDefinition, str]
) -> dict[tuple[uuid.UUID, str], uuid.UUID]:
    rows = table.objects.filter(held=True, definition__in=list(values), value__in=list(values.values()))
    return {(d, value): owner for d, value, owner in rows.values_list("definition_id", "value", "record_id")}


def comparable(value: Any) -> str:
    """A value as it is compared: without case and blanks around it; long ones by their hash."""
    text = str(value).strip().casefold()
    return text if len(text) <= 200 else f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def release_values(model: type[models.Model], ids: Sequence[Any]) -> None:
    """Records are deleted: others may take their values."""
    table = find_value_model(model)
    if table is not None:
        table.objects.filter(record_id__in=ids, held=True).update(held=False)


def reclaim_values(model: type[models.Model], ids: Sequence[Any]) -> None:
    """Records come back with their values; raises Conflict when another one has taken such a value."""
    table = find_value_model(model)
    if table is None or not table.objects.filter(record_id__in=ids, held=False).exists():
        return
    try:
        with transaction.atomic():
            table.objects.filter(record_id__in=ids, held=False).update(held=True)
    except IntegrityError as error:
        raise Conflict(
            "Another record has taken the value of a unique custom field meanwhile: change it there, then restore this one.",
            code="duplicate",
        ) from error
