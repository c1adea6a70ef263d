"""Lists by custom fields: ``?custom_fields.size__gte=40`` and ``?ordering=-custom_fields.size``.

What fields there are depends on the tenant, so these parameters are read inside the unit, and nothing is kept of their
SQL. Who asks may use the fields that he sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from shared.api.filters import MAX_VALUES
from shared.api.problems import ProblemError, bad_parameter
from shared.api.term_orders import TermOrdering
from shared.records.custom_fields.choices import FieldType, Visibility
from shared.records.custom_fields.finding import Terms
from shared.records.custom_fields.models import CustomFieldDefinition
from shared.records.custom_fields.selectors import (
    actor_is_a_key,
    definitions_of,
    find_definition_model,
    visible,
)
from shared.records.custom_fields.terms import LONGEST_BEGINNING
from shared.records.custom_fields.typed import whole_number
from shared.records.custom_fields.types import normalise

PREFIX = "custom_fields."
RANGES = ("gt", "gte", "lt", "lte")
_ORDERED = {FieldType.NUMBER, FieldType.INTEGER, FieldType.DATE, FieldType.DATETIME}
_WORDS = {FieldType.TEXT, FieldType.URL, FieldType.EMAIL}
_TRUTH = {"true": True, "false": False}


def prefix_of(model: Any) -> str:
    """What parameters on custom fields begin with; empty where the records have none."""
    return PREFIX if find_definition_model(model) is not None else ""


def lookups_of(kind: FieldType) -> tuple[str, ...]:
    """How values of a type can be compared, beside equality."""
    if kind in _ORDERED:
        return (*RANGES, "isnull")
    return ("prefix", "isnull") if kind in _WORDS else ("isnull",)


def shown_definitions(model: Any) -> dict[str, CustomFieldDefinition]:
    """The fields that the caller sees, by key; inside the unit."""
    hidden = (Visibility.STAFF,) if actor_is_a_key() else ()
    return {d.key: d for d in visible(definitions_of(model), *hidden)}


@dataclass
class CustomFieldFilters:
    """The parameters of a request that filter by custom fields, as they were sent."""

    model: Any
    given: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, model: Any, values: Mapping[str, str]) -> CustomFieldFilters:
        return cls(model, {n: v for n, v in values.items() if n.startswith(PREFIX)})

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows that match; inside the unit. One 400 problem names each bad parameter."""
        found, leading = self.split(rows)
        return found if leading is None else found.filter(leading[0].equal([leading[1]]))

    def split(self, rows: QuerySet[Any]) -> tuple[QuerySet[Any], tuple[Terms, str] | None]:
        """As ``apply``, without one condition that asks for a single value, if there is such: its terms lead."""
        leading: tuple[Terms, str] | None = None
        if not self.given:
            return rows, leading
        known = shown_definitions(self.model)
        errors: list[dict[str, str]] = []
        bounds: dict[str, dict[str, str]] = {}
        for name, raw in self.given.items():
            key, _, lookup = name.removeprefix(PREFIX).partition("__")
            try:
                definition = _find(known, key, lookup)
                if lookup in RANGES:
                    bounds.setdefault(key, {})[lookup] = _normal(definition, raw)
                elif not lookup and leading is None and self._leads(definition, raw):
                    terms = Terms.of_field(self.model, definition)
                    leading = terms, _normal(definition, _several(definition, raw)[0])
                else:
                    rows = rows.filter(self._condition(definition, lookup, raw))
            except LookupError as error:
                errors.append(
                    {"parameter": name[:100], "code": "unknown_parameter", "detail": str(error.args[0])}
                )
            except ValueError as error:
                errors.append({"parameter": name, "code": "invalid", "detail": str(error)})
        if errors:
            raise ProblemError(400, "invalid_parameter", "Some query parameters were refused.", errors=errors)
        for key, limits in bounds.items():
            rows = rows.filter(Terms.of_field(self.model, known[key]).within(limits))
        return rows, leading

    def _leads(self, definition: CustomFieldDefinition, raw: str) -> bool:
        """Whether a condition asks for a single value, of which the index has all records in the order of time."""
        return not Terms.of_field(self.model, definition).past and len(_several(definition, raw)) == 1

    def _condition(self, definition: CustomFieldDefinition, lookup: str, raw: str) -> Q:
        terms = Terms.of_field(self.model, definition)
        match lookup:
            case "isnull":
                if raw not in _TRUTH:
                    raise ValueError("Send true or false.")
                return terms.missing() if _TRUTH[raw] else ~terms.missing()
            case "prefix":
                if not raw.strip() or len(raw) > LONGEST_BEGINNING:
                    raise ValueError(
                        f"Send the beginning of the text, at most {LONGEST_BEGINNING} characters."
                    )
                return terms.beginning(raw)
            case _:
                return terms.equal([_normal(definition, value) for value in _several(definition, raw)])


def _find(known: Mapping[str, CustomFieldDefinition], key: str, lookup: str) -> CustomFieldDefinition:
    """The definition that a parameter names; raises LookupError."""
    if key not in known:
        names = ", ".join(PREFIX + key for key in known)
        raise LookupError(f"There is no such custom field here; there are: {names or 'none'}.")
    offered = lookups_of(FieldType(known[key].type))
    if lookup and lookup not in offered:
        others = ", ".join(f"{PREFIX}{key}__{each}" for each in offered)
        raise LookupError(f"Send {PREFIX}{key}, or one of {others}.")
    return known[key]


def _several(definition: CustomFieldDefinition, raw: str) -> list[str]:
    """One choice or several, separated by commas, of which a choice may have some itself."""
    several = FieldType(definition.type) in (FieldType.CHOICE, FieldType.CHOICES)
    values = raw.split(",") if several and raw not in definition.choices else [raw]
    if len(values) > MAX_VALUES:
        raise ValueError(f"Send at most {MAX_VALUES} values.")
    return values


def _normal(definition: CustomFieldDefinition, raw: str) -> str:
    """The value as the index compares it; raises ValueError."""
    if not raw:
        raise ValueError("Send a value, or leave the parameter out.")
    match FieldType(definition.type):
        case FieldType.BOOLEAN:
            return str(normalise(definition, _TRUTH.get(raw, raw))).lower()
        case FieldType.INTEGER:
            return str(normalise(definition, whole_number(raw)))
        case FieldType.CHOICES:
            return str(normalise(definition, [raw])[0])
        case FieldType.CHOICE | FieldType.NUMBER | FieldType.DATE | FieldType.DATETIME:
            return str(normalise(definition, raw))
        case _:
            return raw  # what was stored was checked; what is looked for need not be an address


@dataclass(frozen=True, slots=True)
class CustomFieldOrdering(TermOrdering):
    """The order of a custom field."""

    @classmethod
    def named(cls, name: str) -> CustomFieldOrdering:
        """``-custom_fields.size``; whether there is such a field is seen in the unit."""
        return cls.by(name, name.lstrip("-").removeprefix(PREFIX))

    def terms(self, model: Any) -> Terms:
        known = shown_definitions(model)
        if self.key not in known or known[self.key].type == FieldType.CHOICES:
            sortable = [PREFIX + d.key for d in known.values() if d.type != FieldType.CHOICES]
            raise bad_parameter(
                "ordering",
                f"There is no such custom field to sort by; there are: {', '.join(sortable) or 'none'}.",
            )
        return Terms.of_field(model, known[self.key])
