"""When a definition begins to demand more: the records that are there are asked first, with no writer in between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models

from shared.errors import Conflict
from shared.records.custom_fields.claims import comparable
from shared.records.custom_fields.models import CustomFieldDefinition
from shared.records.custom_fields.selectors import find_definition_model, lock_definitions, value_model_of
from shared.records.models import noun_of

_BATCH = 2000


def demand(definition: CustomFieldDefinition, *, required: bool, unique: bool) -> None:
    """Prepare the records for what the definition is to demand from now on; raises Conflict with their number."""
    begins = (required and not definition.required) or (unique and not definition.unique)
    if begins:
        lock_definitions(definition)
    if required and not definition.required:
        _require(definition)
    if unique and not definition.unique:
        _claim_all(definition)
    if not unique and definition.unique:
        value_model_of(type(definition)).objects.filter(definition=definition).delete()


def _records_of(definition: CustomFieldDefinition) -> type[Any]:
    """The kind of record that has the field."""
    return next(
        m
        for m in apps.get_models()
        if find_definition_model(m) is type(definition) and noun_of(m) == definition.entity
    )


def _require(definition: CustomFieldDefinition) -> None:
    records = _records_of(definition)
    lacking = records.objects.exclude(custom_fields__has_key=definition.key).count()
    if lacking:
        raise Conflict(
            f"{_counted(lacking, records)} no value: give each one, then make the field required.",
            errors={"required": f"{_counted(lacking, records)} no value: give each one first."},
            code="records_lack_it",
            records=lacking,
        )


def _claim_all(definition: CustomFieldDefinition) -> None:
    """Every record takes its value, as if it had been written after the field became unique."""
    records, table = _records_of(definition), value_model_of(type(definition))
    seen = Counter(value for _, value, held in _values(records, definition.key) if held)
    shared = sum(count for count in seen.values() if count > 1)
    if shared:
        raise Conflict(
            f"{_counted(shared, records)} a value that another one has, too: change them, then make the field unique.",
            errors={
                "unique": f"{_counted(shared, records)} a value that another one has, too: change them first."
            },
            code="duplicate",
            records=shared,
        )
    batch = []
    for record, value, held in _values(records, definition.key):
        row = table(definition=definition, record_id=record, value=value, held=held)
        batch.append(row)
        if len(batch) == _BATCH:
            table.objects.bulk_create(batch)
            batch = []
    table.objects.bulk_create(batch)


def _values(records: type[models.Model], key: str) -> Iterator[tuple[Any, str, bool]]:
    """Record, value as it is compared, and whether the record is living, of all that have one."""
    rows = records.all_objects.filter(custom_fields__has_key=key).order_by()  # type: ignore[attr-defined]
    for record, fields, deleted_at in rows.values_list("pk", "custom_fields", "deleted_at").iterator(_BATCH):
        yield record, comparable(fields[key]), deleted_at is None


def _counted(number: int, records: type[models.Model]) -> str:
    one, many = records._meta.verbose_name, records._meta.verbose_name_plural
    return f"1 {one} has" if number == 1 else f"{number:,} {many} have"
