"""The last step of a service: set the changes, check the values, save."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models

from shared.errors import InvalidInput
from shared.records.custom_fields.checking import CheckedFields, check_custom_fields
from shared.records.models import Record, TenantRow

R = TypeVar("R", bound=TenantRow)


def save_checked(record: R, changes: Mapping[str, Any] | None = None, *, follows: bool = False) -> R:
    """Set ``changes`` on the record and save it; nothing is written when nothing changes.

    Values are checked as their fields say (InvalidInput names them), ``custom_fields`` are merged into what the
    record has and checked as the tenant defines them. Uniqueness, references and CHECKs are left to the database,
    whose refusals the edges translate: asking first costs a query each and decides nothing.
    ``follows``: the record follows from something else, so nobody is there to be asked for a required custom field.
    """
    values = dict(changes or {})
    custom = _checked_custom_fields(record, values, follows=follows)
    changed = [name for name, value in values.items() if getattr(record, name) != value]
    for name in changed:
        setattr(record, name, values[name])
    adding = record._state.adding
    if not adding and not changed:
        return record
    _clean(record, None if adding else changed)
    if custom is not None:
        custom.claim()
    if adding:
        record.save(force_insert=True)
    else:
        record.save(update_fields=changed)
    return record


def save_all_checked(records: Sequence[Any], names: Sequence[str]) -> None:
    """As ``save_checked``, for many records of one kind whose new values of the columns ``names`` are set: a statement for
    each thousand. Custom fields are not among them."""
    for record in records:
        _clean(record, names)
    fields = [f.name for f in records[0]._meta.concrete_fields if f.name in names or f.attname in names]
    type(records[0])._base_manager.bulk_update(records, fields, batch_size=1000)


def _clean(record: Any, changed: Sequence[str] | None) -> None:
    """Check values as their fields say; only what was ``changed``, if that is told."""
    attributes = {field.name: field.attname for field in record._meta.concrete_fields}
    try:
        record.clean_fields(
            exclude={
                name
                for name, attribute in attributes.items()
                if isinstance(record._meta.get_field(name), models.ForeignKey)
                or (changed is not None and name not in changed and attribute not in changed)
            }
        )
    except ValidationError as error:
        raise InvalidInput(error.message_dict) from error


def settle_custom_fields(record: TenantRow, given: Mapping[str, Any] | None = None) -> None:
    """Check a record's custom fields and take their unique values: for those who save it themselves."""
    values = {} if given is None else {"custom_fields": given}
    checked = _checked_custom_fields(record, values)
    if checked is not None:
        record.custom_fields = checked.values  # type: ignore[attr-defined]
        checked.claim()


def _checked_custom_fields(
    record: TenantRow, values: dict[str, Any], *, follows: bool = False
) -> CheckedFields | None:
    """What a new record brings and what a known one changes; nothing is asked where nothing is said."""
    if not isinstance(record, Record):
        return None
    given = values.get("custom_fields", record.custom_fields if record._state.adding else None)
    if given is None:
        return None
    checked = check_custom_fields(record, given, complete=not follows)
    values["custom_fields"] = checked.values
    return checked
