"""Base serializers: one for reading, one for writing.

Both are model serializers, the single source for the answer's shape, the OpenAPI document and the forms. Foreign keys
appear as ``<name>_id``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from shared.api.fields import ObjectField, ReferenceField
from shared.records.texts import refusal_of_text

RECORD_FIELDS = ("id", "created_at", "updated_at", "created_by_app", "custom_fields", "version")
"""What every record shows beside its own fields."""

_LARGEST_INTEGER = 2**63 - 1


class _ModelSerializer(serializers.ModelSerializer):
    """Foreign keys by their column, JSON objects checked, no validator that would ask the database."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.JSONField: ObjectField,
    }

    def build_field(self, field_name: str, info: Any, model_class: Any, nested_depth: int) -> Any:
        relation = info.relations.get(field_name.removesuffix("_id")) if field_name.endswith("_id") else None
        if relation is not None and relation.model_field is not None and not relation.to_many:
            return self.build_reference(field_name, relation)
        return super().build_field(field_name, info, model_class, nested_depth)

    def build_reference(self, field_name: str, relation: Any) -> Any:
        """The field for a foreign key's column."""
        field = relation.model_field
        kwargs: dict[str, Any] = {"to": relation.related_model}
        if field.verbose_name:
            kwargs["label"] = str(field.verbose_name).capitalize()
        if field.help_text:
            kwargs["help_text"] = field.help_text
        if field.has_default() or field.blank or field.null:
            kwargs["required"] = False
        if field.null:
            kwargs["allow_null"] = True
        return ReferenceField, kwargs

    def get_unique_together_validators(self) -> list[Any]:
        return []

    def get_unique_for_date_validators(self) -> list[Any]:
        return []

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        field_class, kwargs = super().build_standard_field(field_name, model_field)
        # The database decides what is unique; asking it here would be a statement outside of the unit.
        validators = kwargs.get("validators")
        if validators:
            kwargs["validators"] = [v for v in validators if not hasattr(v, "queryset")]
        if issubclass(field_class, serializers.CharField) and isinstance(model_field, models.TextField):
            kwargs.setdefault("max_length", 100_000)
        if model_field.has_default() and not callable(model_field.default):
            kwargs.setdefault("initial", model_field.default)  # what the browsable API's form begins with
        kwargs.pop("encoder", None)
        kwargs.pop("decoder", None)
        return field_class, kwargs


class ReadSerializer(_ModelSerializer):
    """The shape of an answer. Compiled to columns where its fields are columns (reading.py)."""

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        for field in fields.values():
            field.read_only, field.required = True, False  # ?fields= may leave any of them out
        return fields


class Strict(serializers.Serializer):
    """Refuses unknown names and wrong JSON types, naming the field."""

    default_error_messages = {
        "unknown_field": "This field is not known: remove it, or correct its name.",
        "read_only": "This field cannot be set: remove it.",
        "text": "Send a text.",
        "integer": "Send a whole number.",
        "boolean": "Send true or false.",
        "number": "Send a number, as a text or as a JSON number.",
    }

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            errors = self._shape_errors(data)
            if errors:
                raise ValidationError(errors)
        return super().to_internal_value(data)

    def _shape_errors(self, data: Mapping[str, Any]) -> dict[str, list[ErrorDetail]]:
        errors: dict[str, list[ErrorDetail]] = {}
        is_form = hasattr(data, "getlist")
        for name, value in data.items():
            field = self.fields.get(name)
            if field is None:
                if not (is_form and name == "csrfmiddlewaretoken"):
                    errors[str(name)] = [self._error("unknown_field")]
            elif field.read_only:
                errors[name] = [self._error("read_only")]
            elif not is_form and value is not None:
                code = _wrong_type(field, value)
                if code:
                    errors[name] = [self._error(code)]
                elif isinstance(value, str) and (refusal := _refusal_of_text(field, value)):
                    errors[name] = [ErrorDetail(refusal, code="invalid")]
        return errors

    def _error(self, code: str) -> ErrorDetail:
        return ErrorDetail(str(self.error_messages[code]), code=code)


class BodySerializer(Strict):
    """The shape of a request body that is no record: of an act, or of a view of its own."""


class WriteSerializer(Strict, _ModelSerializer):
    """The shape of a request body with fields of a model.

    It never writes: the view set hands ``validated_data`` to a service.
    """


def _refusal_of_text(field: serializers.Field, value: str) -> str | None:
    if type(field) is not serializers.CharField or (field.allow_blank and not value.strip()):
        return None
    return refusal_of_text(value, line=field.style.get("base_template") != "textarea.html")


def _wrong_type(field: serializers.Field, value: Any) -> str | None:
    """JSON has types; REST framework's fields would take 1 for a text and "yes" for true."""
    if isinstance(field, serializers.IntegerField):
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LARGEST_INTEGER:
            return "integer"
    elif isinstance(field, serializers.BooleanField):
        if not isinstance(value, bool):
            return "boolean"
    elif isinstance(field, (serializers.DecimalField, serializers.FloatField)):
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            return "number"
    elif isinstance(
        field,
        (
            serializers.CharField,
            serializers.ChoiceField,
            serializers.UUIDField,
            serializers.DateTimeField,
            serializers.DateField,
            serializers.TimeField,
            serializers.DurationField,
        ),
    ):
        is_several = isinstance(field, serializers.MultipleChoiceField)
        return None if is_several or isinstance(value, str) else "text"
    return None
