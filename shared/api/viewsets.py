"""Endpoints of a kind of record: list, retrieve, create, partial update, delete, and acts of their own."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import QuerySet
from django.urls import NoReverseMatch
from django.utils.text import capfirst
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from shared.api.as_of import AS_OF
from shared.api.fields import ReferenceField
from shared.api.filters import LEAKY_FIELDS, FilterPlan
from shared.api.history import HistoryMixin
from shared.api.listing import LIST_PARAMETERS, answer_list
from shared.api.pages import RecordPagination
from shared.api.pagination import Ordering
from shared.api.preconditions import check_version, etag_of, expected_versions, is_unchanged
from shared.api.query import Shape, parse_shape, read_parameters
from shared.api.reading import Expand, Found, Reader, as_expansions, read_one, reader_for
from shared.api.statements import find_statement
from shared.api.term_orders import DecimalOrdering
from shared.api.undo import UndoMixin
from shared.api.units import carry_out
from shared.api.views import ApiView
from shared.api.writing import Written, answer_write
from shared.errors import Forbidden, InvalidInput, NotFound
from shared.records.models import noun_of

Service = Callable[..., Any]


class RecordViewSet(UndoMixin, HistoryMixin, ApiView, GenericViewSet):
    """Declares an endpoint; README.md in this package shows one.

    A service that is not declared is a method that is not allowed (405). Services are keyword-only and run inside
    the view set's unit: ``create_service(**fields)`` returns the record; ``update_service(ticket=record,
    **fields)`` and ``delete_service(ticket=record)`` get the locked record under its model's name.
    """

    model: ClassVar[type[models.Model]]  # type: ignore[assignment]
    serializer_class: type[serializers.ModelSerializer]  # of the class; the stubs say of the instance
    create_serializer: ClassVar[type[serializers.BaseSerializer] | None] = None
    update_serializer: ClassVar[type[serializers.BaseSerializer] | None] = None
    create_answer: ClassVar[type[serializers.BaseSerializer] | None] = None
    """The answer of a create where it is not simply the record (for the OpenAPI document)."""

    selector: ClassVar[Callable[..., QuerySet[Any]] | None] = None
    """Rows that this caller may see; the model's living rows when not given. Called inside the unit."""
    create_service: ClassVar[Service | None] = None
    update_service: ClassVar[Service | None] = None
    delete_service: ClassVar[Service | None] = None

    filterset_class: ClassVar[type | None] = None
    ordering: ClassVar[str | tuple[str, ...]] = "-created_at"
    orderings: ClassVar[tuple[str, ...]] = ()
    """Further orders that ``?ordering=`` may name, as ``("name", "-updated_at")``, each backed by an index. The first
    column may be NULL, which comes last."""
    expandable: ClassVar[dict[str, Expand]] = {}
    looks_back: ClassVar[bool] = True
    for_keys: ClassVar[bool] = True
    """Whether machines may see such records at all, here and in the activity log; else members of staff alone."""

    pagination_class = RecordPagination
    filter_backends = (
        DjangoFilterBackend,
    )  # describes the filters to OpenAPI and pages; lists apply a FilterPlan
    lookup_field = "pk"
    lookup_url_kwarg = "id"
    lookup_value_converter = "uuid"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in ("selector", "create_service", "update_service", "delete_service"):
            if inspect.isfunction(cls.__dict__.get(name)):
                setattr(cls, name, staticmethod(cls.__dict__[name]))
        if "serializer_class" in cls.__dict__ and "model" not in cls.__dict__:
            cls.model = cls.serializer_class.Meta.model
        if "serializer_class" in cls.__dict__ and cls.expandable:
            cls.serializer_class.expandable = cls.expandable  # type: ignore[attr-defined]  # for the OpenAPI document
        cls._plans = {}

    _plans: ClassVar[dict[str, Any]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not self.for_keys and self.caller.scopes is not None:
            noun = capfirst(self.model._meta.verbose_name_plural)
            raise Forbidden(
                f"{noun} are internal: sign in as a member of staff to read or write them.", code="internal"
            )

    # --- what is declared, prepared once -----------------------------------------------------------------------------

    @classmethod
    def filter_plan(cls) -> FilterPlan:
        """The filters, their form fields built."""
        if "filters" not in cls._plans:
            cls._plans["filters"] = FilterPlan(cls.filterset_class)
        plan: FilterPlan = cls._plans["filters"]
        return plan

    @classmethod
    def order_plan(cls) -> dict[str, Ordering]:
        """Orders by the name that ``?ordering=`` gives; the default first."""
        if "orders" not in cls._plans:
            default = (cls.ordering,) if isinstance(cls.ordering, str) else cls.ordering
            first = cls._order(*default)
            orders = {first.name: first}
            for name in cls.orderings:
                ordering = cls._order(*name.split(","))
                orders.setdefault(ordering.name, ordering)
            cls._plans["orders"] = orders
        plan: dict[str, Ordering] = cls._plans["orders"]
        return plan

    @classmethod
    def _order(cls, *names: str) -> Ordering:
        ordering = Ordering.of(*names)
        if names[0].lstrip("-") in getattr(cls.model, "sorted_fields", ()):
            return DecimalOrdering.by(names[0], ordering.fields[0])
        found = [cls.model._meta.get_field(name) for name in ordering.fields]
        if leaky := [field.name for field in found if isinstance(field, LEAKY_FIELDS)]:
            raise ImproperlyConfigured(
                f"{cls.__name__}: an order by {', '.join(leaky)} reaches no index under row-level security; name "
                "them in sorted_fields of the model."
            )
        return replace(ordering, nullable=bool(getattr(found[0], "null", False)))

    @classmethod
    def field_names(cls) -> tuple[str, ...]:
        """Names of an answer's fields."""
        if "fields" not in cls._plans:
            cls._plans["fields"] = tuple(cls.serializer_class().fields)
        names: tuple[str, ...] = cls._plans["fields"]
        return names

    @classmethod
    def list_parameters(cls) -> frozenset[str]:
        """Query parameters of the list."""
        if "list" not in cls._plans:
            cls._plans["list"] = LIST_PARAMETERS | set(cls.filter_plan().filters)
        names: frozenset[str] = cls._plans["list"]
        return names

    def reader(self, shape: Shape) -> Reader:
        """The compiled reader for a choice of fields and expansions."""
        expansions = as_expansions(shape.expand, self.expandable)
        return reader_for(
            self.serializer_class, shape.fields, expansions, to_key=self.caller.scopes is not None
        )

    # --- rows --------------------------------------------------------------------------------------------------------

    def rows(self) -> QuerySet[Any]:
        """Rows that this caller may see; inside a unit."""
        if self.selector is not None:
            return self.selector()
        return self.model._default_manager.all()

    @classmethod
    def keeps_statements(cls) -> bool:
        """Whether the SQL of reads may be kept: not where a view set finds its rows in a way of its own."""
        return cls.rows is RecordViewSet.rows

    def get_queryset(self) -> QuerySet[Any]:
        """For the browsable API and the OpenAPI document, which need the model and no rows."""
        return self.model._base_manager.none()

    def get_serializer_class(self) -> Any:
        action = getattr(self, "action", None)
        if action == "create":
            return self.create_serializer or self.serializer_class
        if action == "partial_update":
            return self.update_serializer or self.create_serializer or self.serializer_class
        method = getattr(type(self), action or "", None)
        return getattr(method, "body_serializer", None) or self.serializer_class

    def find_record(self, *, lock: bool = False, deleted: bool = False) -> Any:
        """The record that the address names, locked if it is to change; raises NotFound. Inside a unit.

        ``deleted``: a deleted one, too. Of living ones only those that the selector shows.
        """
        places = [self.rows()]
        if deleted:
            places.append(self.model.all_objects.filter(deleted_at__isnull=False))  # type: ignore[attr-defined]
        for place in places:
            rows = place.filter(pk=self.kwargs["id"])
            record = (rows.select_for_update(of=("self",)) if lock else rows).first()
            if record is not None:
                return record
        raise NotFound()

    # --- reads -------------------------------------------------------------------------------------------------------

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return answer_list(self, request)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        values = read_parameters(request.query_params, {"fields", "expand", AS_OF})
        shape = parse_shape(values, self.field_names(), self.expandable)
        versioned = not shape.expand and self.has_version()
        wanted = ("version",) if versioned else ()
        moment = self.as_of
        try:
            answer, extra = carry_out(self.reading_unit, lambda: self.read_record(shape, wanted))
        except NotFound:
            if moment is None:
                raise
            noun = self.model._meta.verbose_name
            raise NotFound(
                f"There was no such {noun} at {moment.isoformat()}: it came later, or was deleted."
            ) from None
        if not versioned:
            return Response(answer)
        if is_unchanged(request, extra[0]):
            return Response(status=304, headers={"ETag": etag_of(extra[0])})
        return Response(answer, headers={"ETag": etag_of(extra[0])})

    def read_record(self, shape: Shape, extra: tuple[str, ...]) -> Found:
        """The record that the address names; raises NotFound. Inside a unit."""
        reader = self.reader(shape)
        values = {"id": self.kwargs["id"]}

        def build(given: Mapping[str, Any]) -> QuerySet[Any]:
            return self.rows().filter(pk=given["id"]).values_list(*reader.columns(extra)[0])

        if self.keeps_statements() and reader.compiled:
            statement = find_statement((type(self), reader.key, extra), values, build)
            if statement is not None:
                found = reader.run(statement, values, extra)
                if not found:
                    raise NotFound()
                return found[0]
        return read_one(reader, self.rows().filter(pk=values["id"]), extra)

    @classmethod
    def has_version(cls) -> bool:
        """Whether records carry a version, from which ETags are made."""
        return any(f.name == "version" for f in cls.model._meta.concrete_fields)

    def read_back(self, pk: Any) -> Written:
        """A record as it is after a write: fresh from the database; inside the unit."""
        versioned = self.has_version()
        rows = self.model._base_manager.filter(pk=pk)
        answer, extra = read_one(self.reader(Shape()), rows, ("version",) if versioned else ())
        return Written(body=answer, headers={"ETag": etag_of(extra[0])} if versioned else {})

    # --- writes ------------------------------------------------------------------------------------------------------

    def validate(self, serializer_class: type[serializers.BaseSerializer], *, partial: bool = False) -> Any:
        """The body's values, their shape checked; needs no unit."""
        serializer = serializer_class(data=self.request.data, partial=partial, context={"view": self})
        serializer.is_valid(raise_exception=True)
        self.body_fields = getattr(serializer, "fields", {})
        return dict(serializer.validated_data)

    def check_references(self, data: dict[str, Any]) -> None:
        """Refuse references to records that this tenant does not have; inside the unit."""
        errors = {}
        for name, field in getattr(self, "body_fields", {}).items():
            if not isinstance(field, ReferenceField):
                continue
            wanted = data.get(str(field.source))
            if wanted is not None and field.missing(wanted):
                errors[name] = str(field.refusal())
        if errors:
            raise InvalidInput(errors, code="does_not_exist")

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = self.create_serializer
        assert serializer is not None
        read_parameters(request.query_params, ())
        data = self.validate(serializer)

        def work() -> Written:
            self.check_references(data)
            assert self.create_service is not None
            record = self.create_service(**data)
            written = self.read_back(record.pk)
            written.status, written.record = 201, record
            written.body = self.compose_answer(record, written.body)
            location = self.location_of(record)
            if location:
                written.headers["Location"] = location
            return written

        return answer_write(self, request, work)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = self.update_serializer or self.create_serializer
        assert serializer is not None
        read_parameters(request.query_params, ())
        expected = expected_versions(request, self.caller.tenant_settings)
        data = self.validate(serializer, partial=True)

        def work() -> Written:
            record = self.find_record(lock=True)
            if self.has_version():
                check_version(record, expected)
            self.check_references(data)
            assert self.update_service is not None
            self.update_service(**{self.noun(): record}, **data)
            return self.read_back(record.pk)

        return answer_write(self, request, work)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        read_parameters(request.query_params, ())
        expected = expected_versions(request, self.caller.tenant_settings)

        def work() -> Written:
            record = self.find_record(lock=True)
            if self.has_version():
                check_version(record, expected)
            assert self.delete_service is not None
            self.delete_service(**{self.noun(): record})
            return Written(body=None, status=204)

        return answer_write(self, request, work)

    @classmethod
    def noun(cls) -> str:
        """The keyword under which services get the record: ``ticket``, ``pipeline_stage``."""
        return noun_of(cls.model)

    def location_of(self, record: Any) -> str | None:
        """The address of a new record."""
        try:
            return str(self.reverse_action("detail", kwargs={"id": record.pk}))
        except NoReverseMatch:
            return None

    # --- hooks for answers that are more than the record -------------------------------------------------------------

    def compose_answer(self, record: Any, body: dict[str, Any]) -> Any:
        """The answer of a create, inside its unit; nothing slow may happen here."""
        return body

    complete_answer: ClassVar[Callable[..., Any] | None] = None
    """``def complete_answer(self, record, body) -> body``: slow work after the commit and outside of any unit, such
    as asking another domain. The answer as composed is kept under the Idempotency-Key with the effect, the completed
    one after this returns. An exception here is logged, and the composed answer is given."""
