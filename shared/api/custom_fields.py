"""/api/<domain>/custom-fields: a domain subclasses CustomFieldViewSetBase and names its model."""

from __future__ import annotations

from functools import partial
from typing import Any

from rest_framework import serializers

from shared.api.filters import FilterSet
from shared.api.serializers import RECORD_FIELDS, ReadSerializer, WriteSerializer
from shared.api.viewsets import RecordViewSet
from shared.records.custom_fields.choices import FieldType, Visibility
from shared.records.custom_fields.models import CustomFieldDefinition
from shared.records.custom_fields.selectors import entities_of
from shared.records.custom_fields.services import (
    FIXED,
    define_custom_field,
    retire_custom_field,
    update_custom_field,
)

CHANGEABLE = ("label", "choices", "required", "unique", "default", "visibility")


class ValueField(serializers.JSONField):
    """A value of a custom field; whether it is of the field's type, the service says."""

    default_error_messages = {"shape": "Send a text, a number, true or false, or a list of texts."}

    def to_internal_value(self, data: Any) -> Any:
        parts = data if isinstance(data, list) else [data]
        if not all(
            isinstance(part, str) or (part is data and isinstance(part, int | float)) for part in parts
        ):
            self.fail("shape")
        return data


class _WriteBase(WriteSerializer):
    default = ValueField(
        required=False,
        allow_null=True,
        help_text="What a new record gets where nothing is said of the field; null for nothing.",
    )


class _CreateBase(_WriteBase):
    type = serializers.ChoiceField(FieldType.choices, help_text="What its values are.")
    visibility = serializers.ChoiceField(
        Visibility.choices, required=False, help_text="Who sees and writes it."
    )

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        model: Any = self.Meta.model  # type: ignore[attr-defined]
        entities = entities_of(model)
        fields["entity"] = serializers.ChoiceField(
            list(entities.items()), help_text="The kind of record that has it."
        )
        return fields


class CustomFieldViewSetBase(RecordViewSet):
    """Its serializers, services and filters follow from the model."""

    delete_service = retire_custom_field
    update_service = update_custom_field

    def __init_subclass__(cls, **kwargs: Any) -> None:
        model: Any = cls.model
        cls.serializer_class = _serializer(model, "", ReadSerializer, _READ)
        cls.create_serializer = _serializer(model, "Create", _CreateBase, (*FIXED, *CHANGEABLE))
        cls.update_serializer = _serializer(
            model, "Update", _WriteBase, (*FIXED, *CHANGEABLE), read_only_fields=FIXED
        )
        cls.create_service = partial(define_custom_field, model)
        cls.filterset_class = type(
            "CustomFieldFilter",
            (FilterSet,),
            {"Meta": type("Meta", (), {"model": model, "fields": {"entity": ["exact"], "key": ["exact"]}})},
        )
        super().__init_subclass__(**kwargs)

    @classmethod
    def noun(cls) -> str:
        return "custom_field"


_READ = (*(n for n in RECORD_FIELDS if n != "custom_fields"), *FIXED, *CHANGEABLE)


def _serializer(
    model: type[CustomFieldDefinition], verb: str, base: type[Any], fields: tuple[str, ...], **meta: Any
) -> Any:
    """A serializer of its own for each domain, so that the OpenAPI document names its entities."""
    name = f"{model._meta.app_config.verbose_name}CustomField{verb}Serializer"
    return type(name, (base,), {"Meta": type("Meta", (), {"model": model, "fields": fields, **meta})})
