"""From a text, as people type it and files hold it, to what a custom field takes; ValueError says what to write."""

from __future__ import annotations

from typing import Any

from shared.records.custom_fields.choices import FieldType
from shared.records.custom_fields.models import CustomFieldDefinition
from shared.records.custom_fields.types import normalise

_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
SEPARATOR = ";"


def value_of_text(definition: CustomFieldDefinition, text: str) -> Any:
    """The JSON value to store; several choices are separated by semicolons. Raises ValueError."""
    plain = text.strip()
    match FieldType(definition.type):
        case FieldType.INTEGER:
            return normalise(definition, whole_number(plain))
        case FieldType.BOOLEAN:
            if plain.lower() not in _TRUTH:
                raise ValueError("Write true or false.")
            return _TRUTH[plain.lower()]
        case FieldType.CHOICES:
            return normalise(definition, [part.strip() for part in plain.split(SEPARATOR) if part.strip()])
        case FieldType.TEXT:
            return normalise(definition, text)
        case _:
            return normalise(definition, plain)


def text_of_value(value: Any) -> str:
    """A stored value as ``value_of_text`` reads it; empty where there is none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return SEPARATOR.join(map(str, value)) if isinstance(value, list) else str(value)


def whole_number(text: str) -> Any:
    """The whole number that a text is; the text itself where it is none."""
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(text) <= 20 else text
