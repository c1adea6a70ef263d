"""The one place where a record's custom fields are checked against the tenant's definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.errors import InvalidInput
from shared.records.custom_fields.choices import Visibility
from shared.records.custom_fields.claims import claim_values
from shared.records.custom_fields.models import CustomFieldDefinition
from shared.records.custom_fields.selectors import actor_is_a_key, definitions_for_writing, visible
from shared.records.custom_fields.types import normalise
from shared.records.models import Record
from shared.session.facts import current

PATH = "custom_fields"


@dataclass
class CheckedFields:
    """All values that the record is to have, and which of them nobody else may have."""

    record: Record
    values: dict[str, Any]
    unique: dict[CustomFieldDefinition, Any] = field(default_factory=dict)

    def claim(self) -> None:
        """Take the unique values, in the transaction that saves the record; raises Conflict."""
        if self.unique:
            claim_values(self.record, self.unique)


def check_custom_fields(record: Record, given: Any, *, complete: bool = True) -> CheckedFields:
    """Merge what is given into what the record has: a key replaces its value, null (or an empty text) removes it.

    Raises InvalidInput with paths such as ``custom_fields.size``: unknown keys, values of another type, required
    fields without a value. A value that is as stored is not looked at again, so that a record stays as it was when
    its definitions change, and can be sent back as it was read. A new record gets the defaults of fields of which nothing
    is said. Required fields are asked of people and keys, not of the system, and only where the record is to be
    ``complete``.
    """
    if not isinstance(given, Mapping):
        raise InvalidInput({PATH: "Send a JSON object."})
    stored: dict[str, Any] = {} if record._state.adding else record.custom_fields
    definitions = definitions_for_writing(type(record))
    if not definitions and not given:
        return CheckedFields(record, dict(stored))
    known = {d.key: d for d in visible(definitions, *_hidden_from_actor())}
    secret = {d.key for d in definitions} - known.keys()
    checked = CheckedFields(record, dict(stored))
    errors: dict[str, str] = {}
    for key, value in given.items():
        if key in stored and key not in secret and stored[key] == value and type(stored[key]) is type(value):
            continue
        if key not in known:
            errors[_path(key)] = _unknown(known)
            continue
        try:
            _put(checked, known[key], value)
        except ValueError as error:
            errors[_path(key)] = str(error)
    for definition in visible(definitions) if record._state.adding else ():
        if definition.default is not None and definition.key not in given:
            checked.values[definition.key] = definition.default
    for key, definition in known.items() if complete and _somebody_asks() else ():
        if definition.required and key not in checked.values and _path(key) not in errors:
            errors[_path(key)] = f"{definition.label} is required."
    if errors:
        raise InvalidInput(errors)
    return checked


def _put(checked: CheckedFields, definition: CustomFieldDefinition, value: Any) -> None:
    if value is None or value == "" or value == []:
        checked.values.pop(definition.key, None)
        value = None
    else:
        value = checked.values[definition.key] = normalise(definition, value)
    if definition.unique:
        checked.unique[definition] = value


def _hidden_from_actor() -> tuple[Visibility, ...]:
    """Keys do not see what staff keep to themselves; staff may use the API, too."""
    return (Visibility.STAFF,) if actor_is_a_key() else ()


def _somebody_asks() -> bool:
    facts = current()
    return facts is not None and facts.actor.kind != "system"


def _path(key: str) -> str:
    return f"{PATH}.{str(key)[:63]}"


def _unknown(known: Mapping[str, CustomFieldDefinition]) -> str:
    if not known:
        return "There are no custom fields here: remove it, or ask an administrator to define it."
    return f"There is no such custom field: send one of {', '.join(known)}, or remove it."
