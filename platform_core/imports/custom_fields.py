"""The tenant's custom fields of customers, as an import reads them from texts and columns."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from platform_core.imports.mapping import Columns, ImportRefused
from platform_core.models import Customer
from shared.records.custom_fields.choices import FieldType
from shared.records.custom_fields.claims import comparable
from shared.records.custom_fields.models import CustomFieldDefinition
from shared.records.custom_fields.selectors import definitions_for_writing, visible
from shared.records.custom_fields.typed import value_of_text
from shared.records.custom_fields.types import normalise


@dataclass(frozen=True)
class CustomFields:
    """The definitions by key; inside a unit they become no stricter until it ends."""

    known: Mapping[str, CustomFieldDefinition] = field(default_factory=dict)

    @classmethod
    def find(cls) -> CustomFields:
        """Those of the unit's tenant."""
        return cls({d.key: d for d in visible(definitions_for_writing(Customer))})

    @property
    def defaults(self) -> dict[str, Any]:
        """What a new customer has where a row says nothing."""
        return {key: d.default for key, d in self.known.items() if d.default is not None}

    def check(self, mapped: Mapping[str, Columns]) -> None:
        """Raises ImportRefused where the mapping names fields that there are not."""
        for key in mapped:
            if key not in self.known:
                there = ", ".join(self.known) or "none"
                raise ImportRefused(
                    f"Customers have no custom field {key!r} (there are: {there}): define it, or leave it out."
                )

    def check_unchanged(self, now: CustomFields) -> None:
        """Raises ImportRefused where definitions have changed since the import began."""
        if _demands(self) != _demands(now):
            raise ImportRefused("The custom fields of customers have changed meanwhile: go on with --resume.")

    def read(self, mapped: Mapping[str, Columns], record: Mapping[str, Any], text: Any) -> dict[str, Any]:
        """The values of a record, in their normal form; ``text`` reads columns as a text. Raises ValueError."""
        values = {}
        for key, columns in mapped.items():
            definition = self.known[key]
            try:
                value = _value(definition, columns, record, text)
            except ValueError as error:
                raise ValueError(f"{definition.label}: {error}") from None
            if value is not None:
                values[key] = value
            elif definition.required:
                raise ValueError(f"{definition.label} is required.")
        return values

    def claims(self, values: Mapping[str, Any]) -> dict[tuple[uuid.UUID, str], str]:
        """Of these values those that nobody else may have: (definition, value as it is compared) → key."""
        return {
            (self.known[key].pk, comparable(value)): key
            for key, value in values.items()
            if self.known[key].unique
        }


def _value(definition: CustomFieldDefinition, columns: Columns, record: Mapping[str, Any], text: Any) -> Any:
    alone = record.get(columns.names[0]) if len(columns.names) == 1 else None
    if isinstance(alone, bool) or (isinstance(alone, list) and definition.type == FieldType.CHOICES):
        return normalise(definition, alone)
    said = text(record, columns)
    return value_of_text(definition, said) if said else None


def _demands(fields: CustomFields) -> list[tuple[Any, ...]]:
    return [(d.key, d.type, d.choices, d.required, d.unique, d.default) for d in fields.known.values()]
