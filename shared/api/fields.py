"""Serializer fields of the kit."""

from __future__ import annotations

import uuid
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from shared.api.parsers import loads
from shared.api.problems import ProblemError

MAX_JSON_BYTES = 64 * 1024


class ReferenceField(serializers.UUIDField):
    """The identifier of another record of the same tenant.

    ``to`` is the model (or ``"app.Model"``). Its form is checked with the shape of the request; that the record is
    there, for this tenant, is checked inside the unit of work, for all references of a body at once.
    """

    default_error_messages = {"does_not_exist": "There is no such {noun} in your organization."}

    def __init__(self, to: type[models.Model] | str, **kwargs: Any) -> None:
        self.to = to
        super().__init__(**kwargs)

    @property
    def model(self) -> type[models.Model]:
        """The model that is referred to."""
        return apps.get_model(self.to) if isinstance(self.to, str) else self.to

    def missing(self, wanted: uuid.UUID) -> bool:
        """Whether there is no such living record; runs inside a unit."""
        return not self.model._default_manager.filter(pk=wanted).exists()

    def refusal(self) -> serializers.ErrorDetail:  # type: ignore[name-defined]
        noun = self.model._meta.verbose_name
        return serializers.ErrorDetail(  # type: ignore[attr-defined]
            self.error_messages["does_not_exist"].format(noun=noun), code="does_not_exist"
        )


@extend_schema_field({"type": "object", "additionalProperties": {}})
class ObjectField(serializers.JSONField):
    """A JSON object of at most 64 KB, such as ``custom_fields``."""

    default_error_messages = {
        "not_an_object": "Send a JSON object.",
        "too_large": "The object is larger than 64 KB: send less.",
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("initial", dict)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        import orjson

        if isinstance(data, str):  # from a form of the browsable API
            try:
                data = loads(data)
            except ProblemError:
                self.fail("invalid")
        if not isinstance(data, dict):
            self.fail("not_an_object")
        try:
            if len(orjson.dumps(data)) > MAX_JSON_BYTES:
                self.fail("too_large")
        except TypeError:
            self.fail("invalid")
        return data


def model_field(model: type[models.Model] | None, path: str) -> models.Field[Any, Any] | None:
    """The concrete model field at a dotted path, or None."""
    if model is None:
        return None
    *relations, last = path.split(".")
    for name in relations:
        try:
            relation = model._meta.get_field(name)
        except FieldDoesNotExist:
            return None
        if (
            not relation.is_relation
            or relation.related_model is None
            or isinstance(relation.related_model, str)
        ):
            return None
        model = relation.related_model
    for field in model._meta.concrete_fields:
        if last in (field.name, field.attname):
            return field
    return None
