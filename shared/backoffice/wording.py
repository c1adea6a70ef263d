"""What the versions and the activity log say, as people read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.utils import display_for_field
from django.db import models
from django.utils.text import Truncator, capfirst

from shared.records.custom_fields.selectors import definitions_of
from shared.records.versions.diff import FieldChange

LONGEST = 300
EMPTY: tuple[Any, ...] = (None, "", [], {})
ACTS = {
    "created": "Created",
    "updated": "Changed",
    "deleted": "Deleted",
    "restored": "Restored",
    "removed": "Removed",
}


@dataclass(frozen=True)
class Told:
    """A field's change in words."""

    label: str
    old: str
    new: str


class Words:
    """Changes as people read them; what references lead to is read once for all."""

    def __init__(self, model: Any, empty: str, changes: Iterable[FieldChange]) -> None:
        self.empty = empty
        self.labels = {d.key: d.label for d in definitions_of(model)}
        wanted: dict[Any, set[Any]] = {}
        for change in changes:
            if isinstance(change.field, models.ForeignKey):
                found = wanted.setdefault(change.field.related_model, set())
                found.update(key for key in (change.old, change.new) if key is not None)
        self.names = {
            (target, record.pk): str(record)
            for target, keys in wanted.items()
            for record in target._base_manager.filter(pk__in=keys)
        }

    def of(self, changes: list[FieldChange], *, created: bool) -> Iterator[Told]:
        """A line for each field; a new record's empty ones are left out."""
        for change in changes:
            if change.name == "deleted_at":
                continue
            if change.name == "custom_fields":
                old, new = change.old or {}, change.new or {}
                for key in {**old, **new}:
                    if old.get(key) != new.get(key):
                        yield Told(
                            self.labels.get(key, key), self._text(old.get(key)), self._text(new.get(key))
                        )
            elif not created or change.new not in EMPTY:
                label = str(capfirst(change.field.verbose_name))
                yield Told(
                    label, self._value(change.field, change.old), self._value(change.field, change.new)
                )

    def _value(self, field: models.Field[Any, Any], value: Any) -> str:
        if value in EMPTY:
            return self.empty
        if isinstance(field, models.ForeignKey):
            return self.names.get((field.related_model, value), str(value))
        return self._text(display_for_field(value, field, self.empty))

    def _text(self, value: Any) -> str:
        if value in EMPTY:
            return self.empty
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        return Truncator(text).chars(LONGEST)
