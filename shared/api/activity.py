"""``GET /api/<domain>/activity``: what was done in a domain, by whom, and what it changed; the newest first."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.urls import URLPattern, URLResolver
from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from shared.api.as_of import parse_moment
from shared.api.history import ChangesField, readable_columns
from shared.api.listing import page_links
from shared.api.pagination import MAX_LIMIT, Ordering, decode_cursor, find_page, parse_limit
from shared.api.problems import bad_parameter
from shared.api.query import read_parameters
from shared.api.units import carry_out
from shared.api.views import ApiView
from shared.api.viewsets import RecordViewSet
from shared.domains.registry import get_domain
from shared.errors import NotFound
from shared.records.activity.models import ActivityEvent
from shared.records.activity.reading import NEWEST, Wanted, find_acts
from shared.records.custom_fields.selectors import hidden_keys_by_entity
from shared.records.models import Record, noun_of
from shared.records.versions.diff import UNTOLD
from shared.records.versions.upkeep import entity_type

ACTIONS = ("created", "updated", "deleted", "restored", "removed")
PARAMETERS = ("limit", "cursor", "record_type", "record_id", "actor_id", "request_id", "action", "from", "to")
_ORDER = Ordering("-at", NEWEST, (True, True))
_READ = (
    "at",
    "position",
    "entity_type",
    "entity_id",
    "entity_version",
    "action",
    "app",
    "actor_kind",
    "actor_id",
    "actor_name",
    "request_id",
    "reason",
)
_LONGEST_REQUEST_ID = 64


@dataclass(frozen=True)
class Kind:
    """Records of one kind as the API shows them: what the log calls them, and which view sets have them."""

    entity_type: str
    model: type[Record]
    views: tuple[type[RecordViewSet], ...]

    @property
    def noun(self) -> str:
        return noun_of(self.model)

    def seen_by(self, *, key: bool) -> tuple[type[RecordViewSet], ...]:
        """The view sets that answer a key, or a member of staff."""
        return tuple(view for view in self.views if view.for_keys or not key)


@cache
def columns_of(kind: Kind, *, key: bool) -> dict[str, str]:
    """The name in the API of each column that the endpoints of a kind show, but for what every record has of its own."""
    shown = {c: name for view in kind.seen_by(key=key) for c, name in readable_columns(view).items()}
    return {column: name for column, name in shown.items() if column not in UNTOLD}


@cache
def kinds_of(domain: str) -> dict[str, Kind]:
    """What the endpoints of a domain show, by noun."""
    found: dict[type[Record], list[type[RecordViewSet]]] = {}
    module = f"{get_domain(domain).app}.api.urls"
    for view in _view_sets(import_module(module).urlpatterns) if find_spec(module) else ():
        if issubclass(view.model, Record) and view not in found.setdefault(view.model, []):
            found[view.model].append(view)
    kinds = (Kind(entity_type(model), model, tuple(views)) for model, views in found.items())
    return {kind.noun: kind for kind in sorted(kinds, key=lambda kind: kind.noun)}


def _view_sets(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[type[RecordViewSet]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _view_sets(pattern.url_patterns)
            continue
        view = getattr(pattern.callback, "cls", None)
        if isinstance(view, type) and issubclass(view, RecordViewSet):
            yield view


class ActSerializer(serializers.Serializer):
    """One act: a record was created, updated, deleted, restored or removed."""

    at = serializers.DateTimeField()
    action = serializers.ChoiceField(ACTIONS)
    record_type = serializers.CharField()
    record_id = serializers.UUIDField()
    version = serializers.IntegerField(help_text="The version of the record that the act made.")
    actor_kind = serializers.CharField()
    actor_id = serializers.UUIDField(allow_null=True)
    actor_name = serializers.CharField()
    app = serializers.CharField()
    request_id = serializers.CharField()
    reason = serializers.CharField()
    changes = ChangesField()


class ActPageSerializer(serializers.Serializer):
    """Acts, newest first."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ActSerializer(many=True)


class ActivityView(ApiView):
    """The activity log of a domain, of the kinds of record that the caller may read; only fields that they may read."""

    acting_domain: ClassVar[str] = ""

    @property
    def domain(self) -> str:
        return self.acting_domain

    @property
    def app_label(self) -> str:
        return get_domain(self.acting_domain).app

    @extend_schema(
        summary="List activity",
        parameters=[
            OpenApiParameter(
                "limit",
                {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
                description="Acts of a page.",
            ),
            OpenApiParameter("cursor", str, description="From next or previous of another page."),
            OpenApiParameter("record_type", str, description="Of one kind of record alone, such as ticket."),
            OpenApiParameter("record_id", uuid.UUID, description="Of one record alone."),
            OpenApiParameter("actor_id", uuid.UUID, description="Of one person or key alone."),
            OpenApiParameter("request_id", str, description="Of one request, as its X-Request-ID has it."),
            OpenApiParameter("action", str, enum=ACTIONS),
            OpenApiParameter("from", dt.datetime, description="Not before this moment."),
            OpenApiParameter("to", dt.datetime, description="Before this moment."),
        ],
        responses={200: ActPageSerializer},
    )
    def get(self, request: Request) -> Response:
        """What was done here, by whom, and what it changed."""
        values = read_parameters(request.query_params, PARAMETERS)
        if request.accepted_renderer.format == "api":
            values = {name: value for name, value in values.items() if value}
        kinds = {kind.entity_type: kind for kind in self._kinds(values.get("record_type"))}
        wanted = self._wanted(values, kinds)
        limit = parse_limit(values.get("limit"))
        purpose = f"activity:{self.domain}"
        cursor = None
        if "cursor" in values:
            cursor = decode_cursor(values["cursor"], ActivityEvent, _ORDER, purpose=purpose)

        def read() -> list[tuple[dict[str, Any], tuple[Any, ...]]]:
            rows = _shown(find_acts(wanted), kinds.values())
            said = Cast("changes", TextField())  # its decimals as they were written
            page = list(find_page(rows, _ORDER, cursor, limit).values_list(*_READ, said))
            return list(self._answers(page, kinds)) if page else []

        found = carry_out(self.reading_unit, read)
        page: dict[str, Any] = page_links(request, values, cursor, limit, found, purpose)
        return Response({**page, "results": [answer for answer, _ in found]})

    def _kinds(self, noun: str | None) -> list[Kind]:
        """The kinds that the caller may read; only the named one. A 400 problem where there is none of that name."""
        known = {n: kind for n, kind in kinds_of(self.domain).items() if self._may_read(kind)}
        if noun is None:
            return list(known.values())
        if noun not in known:
            raise bad_parameter("record_type", f"Send one of: {', '.join(known) or 'none'}.")
        return [known[noun]]

    def _may_read(self, kind: Kind) -> bool:
        if self.caller.scopes is not None:
            return bool(kind.seen_by(key=True))
        meta = kind.model._meta
        return bool(self.caller.user.has_perm(f"{meta.app_label}.view_{meta.model_name}"))

    def _wanted(self, values: Mapping[str, str], kinds: Mapping[str, Kind]) -> Wanted:
        start = parse_moment(values.get("from"), parameter="from")
        end = parse_moment(values.get("to"), parameter="to")
        if start and end and end < start:
            raise bad_parameter("to", "It lies before from: exchange the two.")
        if values.get("action", ACTIONS[0]) not in ACTIONS:
            raise bad_parameter("action", f"Send one of: {', '.join(ACTIONS)}.")
        request_id = values.get("request_id")
        if request_id is not None and not 0 < len(request_id) <= _LONGEST_REQUEST_ID:
            raise bad_parameter("request_id", "Send a request's id, as its X-Request-ID has it.")
        return Wanted(
            self.domain,
            list(kinds),
            record_id=_identifier(values, "record_id"),
            actor_id=_identifier(values, "actor_id"),
            request_id=request_id or "",
            action=values.get("action", ""),
            start=start,
            end=end,
        )

    def _answers(
        self, page: list[tuple[Any, ...]], kinds: Mapping[str, Kind]
    ) -> Iterator[tuple[dict[str, Any], tuple[Any, ...]]]:
        key = self.caller.scopes is not None
        hidden = hidden_keys_by_entity(self.domain, to_key=key)
        columns = {name: columns_of(kind, key=key) for name, kind in kinds.items()}
        for row in page:
            (
                at,
                position,
                name,
                record,
                version,
                action,
                app,
                actor_kind,
                actor,
                actor_name,
                request,
                reason,
                said,
            ) = row
            kind = kinds[name]
            yield (
                {
                    "at": at,
                    "action": action,
                    "record_type": kind.noun,
                    "record_id": record,
                    "version": version,
                    "actor_kind": actor_kind,
                    "actor_id": actor,
                    "actor_name": actor_name,
                    "app": app,
                    "request_id": request,
                    "reason": reason,
                    "changes": told(kind.model, said, columns[name], hidden.get(kind.noun, frozenset())),
                },
                (at, position),
            )


def _shown(rows: QuerySet[Any], kinds: Iterable[Kind]) -> QuerySet[Any]:
    """Without what selectors hide of living records. Deleted and removed ones are told of, as they can be brought back."""
    for kind in kinds:
        for view in kind.views:
            if view.selector is None:
                continue
            living = kind.model._default_manager.all()
            try:
                seen = view.selector()
            except NotFound:  # an integration that this tenant does not use
                rows = rows.exclude(entity_type=kind.entity_type)
                continue
            if seen.query.where == living.query.where:
                continue
            unseen = living.filter(pk=OuterRef("entity_id")).exclude(pk__in=seen.order_by().values("pk"))
            rows = rows.exclude(Q(entity_type=kind.entity_type) & Exists(unseen))
    return rows


def told(
    model: type[models.Model], said: str, columns: Mapping[str, str], hidden: frozenset[str]
) -> dict[str, list[Any]]:
    """What an entry says of the fields that may be read, as the record's own answers say it."""
    found = {}
    for column, pair in json.loads(said, parse_float=Decimal).items():
        if column not in columns:
            continue
        if column == "custom_fields":
            pair = [v and {k: x for k, x in v.items() if k not in hidden} for v in pair]
            if pair[0] == pair[1]:
                continue
        found[columns[column]] = [_plain(_field(model, column), value) for value in pair]
    return found


def _plain(field: models.Field[Any, Any] | None, value: Any) -> Any:
    if isinstance(field, models.DecimalField):
        return None if value is None else str(value)
    if isinstance(field, models.DateTimeField) and isinstance(value, str):
        moment = parse_datetime(value)
        return value if moment is None else moment.astimezone(dt.UTC)
    return _floats(value)


def _floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _floats(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_floats(each) for each in value]
    return float(value) if isinstance(value, Decimal) else value


@cache
def _field(model: type[models.Model], column: str) -> models.Field[Any, Any] | None:
    return next((f for f in model._meta.concrete_fields if f.column == column), None)


def _identifier(values: Mapping[str, str], name: str) -> uuid.UUID | None:
    raw = values.get(name)
    if raw is None:
        return None
    try:
        if len(raw) in (32, 36):
            return uuid.UUID(raw)
    except ValueError:
        pass
    raise bad_parameter(name, "Send an identifier, such as 01981f7e-6f00-7000-8000-000000000000.")
