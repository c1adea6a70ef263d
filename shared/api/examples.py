"""An example of a request's body, made from its serializer: what the browsable API's JSON form begins with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

AN_ID = "01981f7e-6f00-7000-8000-000000000000"

_BY_TYPE: tuple[tuple[type[serializers.Field], Any], ...] = (
    (serializers.BooleanField, False),
    (serializers.IntegerField, 1),
    (serializers.FloatField, 1.0),
    (serializers.DecimalField, "100.00"),
    (serializers.DateTimeField, "2026-01-31T09:00:00Z"),
    (serializers.DateField, "2026-01-31"),
    (serializers.UUIDField, AN_ID),
    (serializers.EmailField, "ada@example.com"),
    (serializers.MultipleChoiceField, []),
    (serializers.ListField, []),
    (serializers.ListSerializer, []),
    (serializers.JSONField, {}),
)


def example_body(
    serializer: serializers.Serializer, record: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A value for each field that a body may have: of the ``record`` that is to be changed, else the default, else
    one of its type. References that may be left out are: no made-up identifier exists."""
    known = record or {}
    return {
        name: known[name] if name in known else _example(name, field)
        for name, field in serializer.fields.items()
        if not field.read_only
        and (
            name in known
            or (record is None and (field.required or not isinstance(field, serializers.UUIDField)))
        )
    }


def _example(name: str, field: serializers.Field) -> Any:
    if field.default is not empty and not callable(field.default):
        return field.default
    if isinstance(field, serializers.BaseSerializer) and not isinstance(field, serializers.ListSerializer):
        return example_body(field) if isinstance(field, serializers.Serializer) else {}
    if field.allow_null and not field.required:
        return None
    if isinstance(field, serializers.ChoiceField) and not isinstance(field, serializers.MultipleChoiceField):
        initial = field.initial
        return initial if initial in field.choices else next(iter(field.choices), "")
    for kind, value in _BY_TYPE:
        if isinstance(field, kind):
            return value
    if getattr(field, "allow_blank", False):
        return ""
    return str(field.label) if field.label else name.replace("_", " ").capitalize()
