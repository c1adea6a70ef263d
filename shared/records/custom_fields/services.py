"""Defining custom fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict, Unpack

from shared.errors import Conflict, InvalidInput
from shared.records.custom_fields.choices import NEVER_UNIQUE, WITH_CHOICES, FieldType, Visibility
from shared.records.custom_fields.models import CustomFieldDefinition
from shared.records.custom_fields.selectors import entities_of, value_model_of
from shared.records.saving import save_checked

FIXED = ("entity", "key", "type")
"""What never changes, since values are stored under it."""


class DefinitionChanges(TypedDict, total=False):
    label: str
    choices: Sequence[str]
    required: bool
    unique: bool
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
    return save_checked(definition)


def update_custom_field(
    *, custom_field: CustomFieldDefinition, **changes: Unpack[DefinitionChanges]
) -> CustomFieldDefinition:
    """Change what a field is called, offers and demands. Values that records have stay as they are."""
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
    if changes.get("unique") and not custom_field.unique:
        raise InvalidInput(
            {
                "unique": "Records may have the same value already: define another field that is unique from the start."
            }
        )
    if changes.get("unique") is False and custom_field.unique:
        value_model_of(type(custom_field)).objects.filter(definition=custom_field).delete()
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
