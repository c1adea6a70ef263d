"""Defining custom fields."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any, TypedDict, Unpack

from shared.errors import Conflict, InvalidInput
from shared.records.custom_fields.choices import NEVER_UNIQUE, WITH_CHOICES, FieldType, Visibility
from shared.records.custom_fields.demands import demand
from shared.records.custom_fields.models import CustomFieldDefinition
from shared.records.custom_fields.selectors import entities_of
from shared.records.custom_fields.types import normalise
from shared.records.saving import save_checked

FIXED = ("entity", "key", "type")
"""What never changes, since values are stored under it."""


class DefinitionChanges(TypedDict, total=False):
    label: str
    choices: Sequence[str]
    required: bool
    unique: bool
    default: Any
    visibility: str


def define_custom_field(
    model: type[CustomFieldDefinition],
    *,
    entity: str,
    key: str,
    label: str,
    type: str,
    choices: Sequence[str] = (),
    required: bool = False,
    unique: bool = False,
    default: Any = None,
    visibility: str = Visibility.EVERYWHERE,
) -> CustomFieldDefinition:
    """Add a field to a kind of record. Records that are there already stay valid without it."""
    if entity not in entities_of(model):
        raise InvalidInput({"entity": f"Choose one of: {', '.join(entities_of(model))}."})
    if model.all_objects.filter(entity=entity, key=key, deleted_at__isnull=False).exists():
        raise Conflict(
            "A retired field has this key.",
            errors={
                "key": "A retired field has this key, and records its values: restore it, or choose another key."
            },
            code="duplicate",
        )
    definition = model(
        entity=entity,
        key=key,
        label=label.strip(),
        type=type,
        choices=_checked_choices(type, choices),
        required=required,
        unique=_checked_unique(type, unique),
        visibility=visibility,
    )
    definition.default = _checked_default(definition, default)
    return save_checked(definition)


def update_custom_field(
    *, custom_field: CustomFieldDefinition, **changes: Unpack[DefinitionChanges]
) -> CustomFieldDefinition:
    """Change what a field is called, offers and demands. Values that records have stay as they are.

    Raises Conflict where the field is to become required or unique and records that are there are not as it demands.
    """
    fixed = [n for n in FIXED if n in changes and changes[n] != getattr(custom_field, n)]  # type: ignore[literal-required]
    if fixed:
        raise InvalidInput(
            dict.fromkeys(
                fixed,
                "It cannot change, since values are stored under it: retire this field and define another.",
            )
        )
    if "choices" in changes:
        changes["choices"] = _checked_choices(custom_field.type, changes["choices"])
    if "label" in changes:
        changes["label"] = changes["label"].strip()
    if "unique" in changes:
        changes["unique"] = _checked_unique(custom_field.type, changes["unique"])
    changed = copy(custom_field)
    for name, value in changes.items():
        setattr(changed, name, value)
    changes["default"] = _checked_default(changed, changed.default)
    demand(custom_field, required=changed.required, unique=changed.unique)
    return save_checked(custom_field, changes)


def retire_custom_field(*, custom_field: CustomFieldDefinition) -> None:
    """Hide a field; its values stay with their records and are shown nowhere until it is restored."""
    custom_field.soft_delete()


def _checked_choices(type: str, choices: Sequence[str]) -> list[str]:
    tidy = [choice for choice in dict.fromkeys(str(c).strip() for c in choices) if choice]
    if type in WITH_CHOICES and not tidy:
        raise InvalidInput({"choices": "Say what can be chosen."})
    if type not in WITH_CHOICES and tidy:
        raise InvalidInput({"choices": "Only the types choice and choices have choices: leave them out."})
    return tidy


def _checked_unique(type: str, unique: bool) -> bool:
    if unique and type in NEVER_UNIQUE:
        label = FieldType(type).label
        raise InvalidInput({"unique": f"A field of the type “{label}” cannot be unique."})
    return unique


def _checked_default(definition: CustomFieldDefinition, value: Any) -> Any:
    if value is None or value == "" or value == []:
        return None
    if definition.unique:
        raise InvalidInput({"default": "Records cannot have the same unique value: leave the default out."})
    if definition.type not in FieldType.values:
        return None  # which is refused by the field itself
    try:
        return normalise(definition, value)
    except ValueError as error:
        raise InvalidInput({"default": str(error)}) from error
