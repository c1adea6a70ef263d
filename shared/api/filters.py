"""Filters of lists: declared with django-filter, built once, and strict.

Only operators that reach an index under row-level security may be declared: ``exact``, ``in``, ``isnull``, ``lt``,
``lte``, ``gt``, ``gte`` on identifiers, texts, whole numbers, dates and times. Searches in texts are functions of
their own (see the design's section on row-level security).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import QuerySet

from shared.api.problems import ProblemError

LEAKPROOF_LOOKUPS = frozenset({"exact", "in", "isnull", "lt", "lte", "gt", "gte"})
LEAKY_FIELDS = (models.DecimalField, models.JSONField, models.BinaryField)
MAX_VALUES = 50


class ChoiceInFilter(django_filters.BaseInFilter, django_filters.ChoiceFilter):
    """One choice or several, separated by commas: ``?status=open,pending``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("lookup_expr", "in")
        super().__init__(*args, **kwargs)

    def filter(self, qs: Any, value: Any) -> Any:
        if not value:
            return qs
        if len(value) == 1:  # equality is what an index in list order wants
            return self.get_method(qs)(**{self.field_name: value[0]})
        return super().filter(qs, value)


class UUIDInFilter(django_filters.BaseInFilter, django_filters.UUIDFilter):
    """One identifier or several, separated by commas."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("lookup_expr", "in")
        super().__init__(*args, **kwargs)


class PrefixFilter(django_filters.CharFilter):
    """Texts that begin so, as a range that a B-tree answers; ``field_name`` must be normalised (lower case)."""

    def filter(self, qs: Any, value: Any) -> Any:
        if not value:
            return qs
        start = value.strip().lower()
        return qs.filter(**{f"{self.field_name}__gte": start, f"{self.field_name}__lt": start + "\U0010ffff"})


class NormalisedFilter(django_filters.CharFilter):
    """Equality with a normalised column (``email_norm``), whatever the case of the value."""

    def filter(self, qs: Any, value: Any) -> Any:
        return qs.filter(**{self.field_name: value.strip().lower()}) if value else qs


class WholeNumberField(forms.IntegerField):
    """A whole number that PostgreSQL's bigint holds."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=-(2**63), max_value=2**63 - 1, **kwargs)


class WholeNumberFilter(django_filters.Filter):
    """A whole number; django-filter's own would take 1.5 and round it."""

    field_class = WholeNumberField


class FilterSet(django_filters.FilterSet):
    """Base of the filter sets. ``Meta.fields`` of choices take several values, of times ``__gte``/``__lt`` too."""

    FILTER_DEFAULTS = {
        **django_filters.FilterSet.FILTER_DEFAULTS,
        **{
            column: {"filter_class": WholeNumberFilter}
            for column in (
                models.IntegerField,
                models.SmallIntegerField,
                models.BigIntegerField,
                models.PositiveIntegerField,
                models.PositiveSmallIntegerField,
                models.PositiveBigIntegerField,
            )
        },
    }

    class Meta:
        abstract = True

    @classmethod
    def filter_for_lookup(cls, field: Any, lookup_type: str) -> Any:
        if lookup_type == "exact" and getattr(field, "choices", None):
            return ChoiceInFilter, {"choices": field.choices, "lookup_expr": "in"}
        if isinstance(field, models.ForeignKey):
            return django_filters.UUIDFilter, {}
        return super().filter_for_lookup(field, lookup_type)


def check_filters(filterset_class: type[django_filters.FilterSet]) -> None:
    """Refuse filters that row-level security would keep from any index; called when a view set is declared."""
    model = filterset_class._meta.model
    for name, declared in filterset_class.base_filters.items():
        if declared.method is not None or isinstance(declared, PrefixFilter):
            continue
        if declared.lookup_expr not in LEAKPROOF_LOOKUPS:
            raise ImproperlyConfigured(
                f"{filterset_class.__name__}.{name}: the lookup {declared.lookup_expr!r} reaches no index under "
                f"row-level security; use one of {sorted(LEAKPROOF_LOOKUPS)}, a PrefixFilter or a search function."
            )
        column = _column(model, declared.field_name or name)
        if isinstance(column, LEAKY_FIELDS) and declared.lookup_expr != "isnull":
            raise ImproperlyConfigured(
                f"{filterset_class.__name__}.{name}: {type(column).__name__} has no leakproof operators; filter by "
                "another column."
            )


def _column(model: Any, path: str) -> Any:
    for part in path.split("__"):
        if model is None:
            return None
        try:
            column = model._meta.get_field(part)
        except Exception:
            return None
        model = getattr(column, "related_model", None)
    return column


_STEADY = {
    django_filters.Filter.filter,
    django_filters.ChoiceFilter.filter,
    ChoiceInFilter.filter,
}
"""Implementations that put the value into one condition; only ChoiceInFilter looks at how many there are."""


class FilterPlan:
    """A filter set's filters with their form fields, built once per process instead of once per request."""

    def __init__(self, filterset_class: type[django_filters.FilterSet] | None) -> None:
        self.filters: dict[str, django_filters.Filter] = {}
        self.fields: dict[str, forms.Field] = {}
        self.choices: dict[str, frozenset[str]] = {}
        if filterset_class is None:
            return
        check_filters(filterset_class)
        template = filterset_class(data={}, queryset=filterset_class._meta.model._base_manager.none())
        for name, declared in template.filters.items():
            self.filters[name] = declared
            self.fields[name] = declared.field
            if isinstance(declared, django_filters.ChoiceFilter):
                self.choices[name] = frozenset(str(v) for v, _ in declared.field.choices if v != "")

    def clean(self, given: Mapping[str, str]) -> list[tuple[str, Any]]:
        """The values of the parameters that are filters; raises one 400 problem that names each bad one."""
        cleaned: list[tuple[str, Any]] = []
        errors: list[dict[str, str]] = []
        for name, raw in given.items():
            field = self.fields.get(name)
            if field is None:
                continue
            if raw in self.choices.get(name, ()):  # the common case: one choice
                cleaned.append((name, [raw] if isinstance(self.filters[name], ChoiceInFilter) else raw))
                continue
            try:
                value = field.clean(_from_widget(field, name, raw))
            except forms.ValidationError as error:
                errors.extend(
                    {"parameter": name, "code": e.code or "invalid", "detail": m}
                    for e in error.error_list
                    for m in e.messages
                )
                continue
            if isinstance(value, (list, tuple)) and len(value) > MAX_VALUES:
                detail = f"Send at most {MAX_VALUES} values."
                errors.append({"parameter": name, "code": "too_many", "detail": detail})
                continue
            if value in (None, "", []):
                detail = "Send a value, or leave the parameter out."
                errors.append({"parameter": name, "code": "required", "detail": detail})
                continue
            cleaned.append((name, value))
        if errors:
            raise ProblemError(400, "invalid_parameter", "Some query parameters were refused.", errors=errors)
        return cleaned

    def stands_still(self, name: str) -> bool:
        """Whether the filter says the same whatever the value, so that its SQL may be kept."""
        declared = self.filters[name]
        if declared.method is not None or getattr(declared, "null_label", None) is not None:
            return False
        return type(declared).filter in _STEADY

    def apply(self, rows: QuerySet[Any], cleaned: list[tuple[str, Any]]) -> QuerySet[Any]:
        """The rows that match."""
        for name, value in cleaned:
            rows = self.filters[name].filter(rows, value)
        return rows


def _from_widget(field: forms.Field, name: str, raw: str) -> Any:
    widget = field.widget
    return widget.value_from_datadict({name: raw}, {}, name)  # type: ignore[arg-type]
