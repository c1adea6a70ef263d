"""The last step of a service: set the changes, check the values, save."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models

from shared.errors import InvalidInput
from shared.records.models import TenantRow

R = TypeVar("R", bound=TenantRow)


def save_checked(record: R, changes: Mapping[str, Any] | None = None) -> R:
    """Set ``changes`` on the record and save it; nothing is written when nothing changes.

    Values are checked as their fields say (InvalidInput names them). Uniqueness, references and CHECKs are
    left to the database, whose refusals the edges translate: asking first costs a query each and decides
    nothing.
    """
    changed = [name for name, value in (changes or {}).items() if getattr(record, name) != value]
    for name in changed:
        setattr(record, name, (changes or {})[name])
    adding = record._state.adding
    if not adding and not changed:
        return record
    attributes = {field.name: field.attname for field in record._meta.concrete_fields}
    try:
        record.clean_fields(
            exclude={
                name
                for name, attribute in attributes.items()
                if isinstance(record._meta.get_field(name), models.ForeignKey)
                or (not adding and name not in changed and attribute not in changed)
            }
        )
    except ValidationError as error:
        raise InvalidInput(error.message_dict) from error
    if adding:
        record.save(force_insert=True)
    else:
        record.save(update_fields=changed)
    return record
