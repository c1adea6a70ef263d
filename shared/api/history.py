"""A record's past in the API: ``GET …/{id}/versions`` and ``GET …/{id}/diff?from=…&to=…``."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from shared.api.as_of import parse_moment
from shared.api.fields import model_field
from shared.api.pagination import parse_limit
from shared.api.problems import bad_parameter
from shared.api.query import read_parameters
from shared.api.units import carry_out
from shared.records.custom_fields.selectors import hidden_keys
from shared.records.models import Record
from shared.records.versions.diff import FieldChange, act_of, diff, with_changes

CHANGES = {
    "type": "object",
    "additionalProperties": {"type": "array", "items": {}, "minItems": 2, "maxItems": 2},
    "description": "By field: the value before and the value after.",
    "example": {"status": ["open", "closed"]},
}


class ChangesField(serializers.JSONField):
    """Old and new value by field (for the OpenAPI document)."""


class VersionSerializer(serializers.Serializer):
    """One version of a record."""

    version = serializers.IntegerField()
    valid_from = serializers.DateTimeField()
    valid_to = serializers.DateTimeField(allow_null=True, help_text="Null while it is so.")
    act = serializers.ChoiceField(["created", "updated", "deleted", "restored", "removed"])
    actor_kind = serializers.CharField()
    actor_id = serializers.UUIDField(allow_null=True)
    actor_name = serializers.CharField()
    app = serializers.CharField()
    request_id = serializers.CharField()
    reason = serializers.CharField()
    changes = ChangesField()


class VersionPageSerializer(serializers.Serializer):
    """Versions of a record, newest first."""

    next = serializers.URLField(allow_null=True)
    results = VersionSerializer(many=True)


class DiffSerializer(serializers.Serializer):
    """What is different between two moments."""

    changes = ChangesField()


class HistoryMixin:
    """Reads of the versions that every record has."""

    @classmethod
    def get_extra_actions(cls: Any) -> list[Any]:
        """Rows that never change have no versions to read."""
        acts = super().get_extra_actions()  # type: ignore[misc]  # the view set's
        if issubclass(cls.model, Record):
            return acts
        return [act for act in acts if act.__name__ not in ("versions", "diff")]

    @extend_schema(
        parameters=[
            OpenApiParameter("limit", int, description="Versions of a page, at most 200."),
            OpenApiParameter("before", int, description="Only versions below this number."),
        ],
        responses={200: VersionPageSerializer},
    )
    @action(detail=True, methods=["get"])
    def versions(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every version of the record, newest first: since when, who, why, and what changed."""
        values = read_parameters(request.query_params, {"limit", "before"})
        limit, before = parse_limit(values.get("limit")), _number(values.get("before"))

        def read() -> list[dict[str, Any]]:
            record = self.find_record()
            rows = self.model.history.filter(id=record.pk).order_by("-version")
            if before is not None:
                rows = rows.filter(version__lt=before)
            told = self._told_fields()
            return [_as_json(v, changes, told) for v, changes in with_changes(self.model, rows[:limit])]

        found = carry_out(self.reading_unit, read)
        following = None
        if found and found[-1]["version"] > 1:
            address = request._request.build_absolute_uri(request.path)
            following = f"{address}?limit={limit}&before={found[-1]['version']}"
        return Response({"next": following, "results": found})

    @extend_schema(
        parameters=[
            OpenApiParameter("from", dt.datetime, required=True, description="The earlier moment."),
            OpenApiParameter("to", dt.datetime, description="The later moment; now when not given."),
        ],
        responses={200: DiffSerializer},
    )
    @action(detail=True, methods=["get"])
    def diff(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What is different in the record between two moments, field by field."""
        values = read_parameters(request.query_params, {"from", "to"})
        start = parse_moment(values.get("from"), parameter="from")
        if start is None:
            raise bad_parameter("from", "It is missing.", code="required")
        end = parse_moment(values.get("to"), parameter="to") or timezone.now()
        if end < start:
            raise bad_parameter("to", "It lies before from: exchange the two.")

        def read() -> dict[str, Any]:
            record = self.find_record()
            return _told(diff(self.model, record.pk, start, end), self._told_fields())

        return Response({"changes": carry_out(self.reading_unit, read)})

    def _told_fields(self: Any) -> dict[str, Any]:
        """By column the name in the API, of the fields that this caller may read; custom fields: the hidden keys."""
        hidden = hidden_keys(self.model, to_key=self.caller.scopes is not None)
        return {"names": readable_columns(type(self)), "hidden": hidden}


def readable_columns(view: Any) -> dict[str, str]:
    """The name in the API of each column of its own that an endpoint shows."""
    names = {}
    for name, field in view.serializer_class().fields.items():
        column = model_field(view.model, field.source or "")
        if column is not None and "." not in (field.source or ""):
            names[column.attname] = name  # type: ignore[attr-defined]  # missing in the stubs
    return {**names, "deleted_at": "deleted_at"}


def _as_json(version: Any, changes: list[FieldChange], told: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": version.version,
        "valid_from": version.history_date,
        "valid_to": version.valid_to,
        "act": act_of(version, changes),
        "actor_kind": version.history_actor_kind,
        "actor_id": version.history_user_id,
        "actor_name": version.history_actor_name,
        "app": version.history_app,
        "request_id": version.history_request_id,
        "reason": version.history_change_reason,
        "changes": _told(changes, told),
    }


def _told(changes: list[FieldChange], told: dict[str, Any]) -> dict[str, list[Any]]:
    names, hidden = told["names"], told["hidden"]
    found = {}
    for change in changes:
        if change.name not in names:
            continue
        pair = [change.old, change.new]
        if isinstance(change.field, models.JSONField) and change.name == "custom_fields":
            pair = [v and {k: x for k, x in v.items() if k not in hidden} for v in pair]
            if pair[0] == pair[1]:
                continue
        found[names[change.name]] = pair
    return found


def _number(raw: str | None) -> int | None:
    if raw is None:
        return None
    if raw.isascii() and raw.isdigit() and len(raw) <= 9:
        return int(raw)
    raise bad_parameter("before", "Send the number of a version, as in version.")
