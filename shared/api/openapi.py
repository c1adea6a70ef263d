"""The OpenAPI document: what drf-spectacular derives, completed by what the kit adds to every operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter

from shared.api.as_of import PARAMETER
from shared.api.custom_field_lists import prefix_of
from shared.api.pagination import DEFAULT_LIMIT, MAX_LIMIT
from shared.api.problems import MEDIA_TYPE, TITLES
from shared.domains.registry import get_domain

if TYPE_CHECKING:
    from shared.api.reading import Expand

EVERYWHERE = (400, 401, 403, 404, 406, 429, 503)
BY_METHOD = {
    "GET": EVERYWHERE,
    "POST": (*EVERYWHERE, 409, 413, 415, 422),
    "PUT": (*EVERYWHERE, 409, 412, 413, 415, 428),
    "PATCH": (*EVERYWHERE, 409, 412, 413, 415, 428),
    "DELETE": (*EVERYWHERE, 409, 412, 413, 428),
}
"""Problems that the kit itself may answer with; every operation documents them."""

WHEN = {
    400: "Something in the request was refused; errors name each field, parameter or header.",
    401: "No credentials, or not valid here.",
    403: "The key lacks the scope, the person lacks the permission, or the organization is suspended.",
    404: "No such record for this organization, or an unknown hostname.",
    406: "The Accept header admits neither JSON nor HTML.",
    409: "A duplicate, or the state of the record does not allow it.",
    412: "If-Match names another version than the record has now.",
    413: "The body is larger than 1 MB.",
    415: "The body is not application/json.",
    422: "The Idempotency-Key was used for another request.",
    428: "The organization demands If-Match.",
    429: "The rate limit is reached; Retry-After says when to go on.",
    503: "Busy or restarting; repeat after Retry-After.",
}

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance", "request_id", "errors"],
    "properties": {
        "type": {"type": "string", "example": "urn:trellis:problem:invalid_input"},
        "title": {"type": "string", "example": "Bad request"},
        "status": {"type": "integer", "example": 400},
        "detail": {"type": "string", "description": "One sentence that says what to do."},
        "instance": {"type": "string", "example": "/api/support/tickets"},
        "request_id": {"type": "string", "example": "01981f7e-6f00-7000-8000-000000000000"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "detail"],
                "properties": {
                    "field": {"type": "string", "description": "In the body.", "example": "customer_id"},
                    "pointer": {"type": "string", "description": "JSON Pointer.", "example": "/customer_id"},
                    "parameter": {"type": "string", "description": "In the query."},
                    "header": {"type": "string"},
                    "code": {"type": "string", "example": "does_not_exist"},
                    "detail": {
                        "type": "string",
                        "example": "There is no such customer in your organization.",
                    },
                },
            },
        },
    },
}


class Schema(AutoSchema):
    """Schema of one view of the kit."""

    view: Any

    def get_tags(self) -> list[str]:
        return [get_domain(self.view.domain).title]

    def get_summary(self) -> str | None:
        model, action = getattr(self.view, "model", None), getattr(self.view, "action", None)
        if model is None or action is None:
            return super().get_summary()
        one, many = str(model._meta.verbose_name), str(model._meta.verbose_name_plural)
        return {
            "list": f"List {many}",
            "retrieve": f"Read one {one}",
            "create": f"Create: {one}",
            "partial_update": f"Change: {one}",
            "destroy": f"Delete: {one}",
        }.get(action) or f"{action.replace('_', ' ').capitalize()}: {one}"

    # --- parameters --------------------------------------------------------------------------------------------------

    def get_override_parameters(self) -> list[Any]:
        found: list[Any] = [*super().get_override_parameters(), *_headers(self.method)]
        action = getattr(self.view, "action", None)
        if action == "list":
            found += self._list_parameters()
        elif action == "retrieve":
            found += self._shape_parameters()
        if self.view.looks_back and self.method == "GET":
            found.append(PARAMETER)
        return found

    def _list_parameters(self) -> list[OpenApiParameter]:
        limit = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
        orders = list(self.view.order_plan())
        return [
            OpenApiParameter("limit", limit, description="Rows of a page."),
            OpenApiParameter("cursor", str, description="From next or previous of another page."),
            OpenApiParameter("ordering", str, enum=orders, default=orders[0], description=_ordering(self.view)),
            OpenApiParameter(
                "count", str, enum=["exact", "estimate"],
                description="How many rows there are: counted up to 10,000, or estimated.",
            ),
            *self._shape_parameters(),
        ]  # fmt: skip

    def _shape_parameters(self) -> list[OpenApiParameter]:
        found = [_names("fields", self.view.field_names(), "Only these fields, separated by commas.")]
        if self.view.expandable:
            found.append(_names("expand", tuple(self.view.expandable), "Related records to show."))
        return found

    # --- bodies and answers ------------------------------------------------------------------------------------------

    def get_request_serializer(self) -> Any:
        if self.method in ("GET", "DELETE"):
            return None
        if hasattr(self.view, "get_serializer_class"):
            return self.view.get_serializer_class()
        return super().get_request_serializer()

    def get_response_serializers(self) -> Any:
        view = self.view
        action = getattr(view, "action", None)
        if not hasattr(view, "field_names"):
            return super().get_response_serializers()
        if action == "create":
            return {201: view.create_answer or view.serializer_class}
        if action == "list":
            return view.serializer_class(many=True)
        if action == "destroy":
            return {204: None}
        method = getattr(type(view), action or "", None)
        return {200: getattr(method, "answer_serializer", None) or view.serializer_class}

    def map_parsers(self) -> list[str]:
        return ["application/json"]

    def map_renderers(self, attribute: str) -> list[str]:
        if attribute == "format":
            return []
        return ["application/json"]

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        found = super()._get_response_bodies(direction)
        for status in BY_METHOD.get(self.method, EVERYWHERE):
            found.setdefault(str(status), self._problem_response(status))
        if getattr(self.view, "action", None) == "retrieve":
            found["304"] = {"description": "If-None-Match names the version that the record has."}
        return dict(sorted(found.items()))

    def _problem_response(self, status: int) -> dict[str, Any]:
        component = ResolvedComponent(
            name="Problem", type=ResolvedComponent.SCHEMA, object="Problem", schema=_PROBLEM
        )
        self.registry.register_on_missing(component)
        example = {
            "type": f"urn:trellis:problem:{TITLES[status].lower().replace(' ', '_')}",
            "title": TITLES[status],
            "status": status,
            "detail": WHEN[status],
            "instance": self.path,
            "request_id": "01981f7e-6f00-7000-8000-000000000000",
            "errors": [],
        }
        return {
            "description": WHEN[status],
            "content": {MEDIA_TYPE: {"schema": component.ref, "example": example}},
        }

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        """The shape of a record, with the related records that ``?expand=`` may add."""
        schema = super()._map_basic_serializer(serializer, direction)
        if "__doc__" not in type(serializer).__dict__ or not type(serializer).__doc__:
            schema.pop("description", None)  # a base class's words are for its heirs' authors
        expandable: dict[str, Expand] = getattr(serializer, "expandable", {})
        if direction == "response":
            for name, expand in expandable.items():
                schema.setdefault("properties", {})[name] = self._expansion(expand)
        return schema

    def _expansion(self, expand: Expand) -> dict[str, Any]:
        reference = self.resolve_serializer(expand.serializer, "response").ref
        note = "Only with ?expand=."
        if expand.many:
            return {"type": "array", "items": reference, "description": f"At most {expand.limit}. {note}"}
        return {"allOf": [reference], "nullable": True, "description": note}


def _ordering(view: Any) -> str:
    """What is said of ``ordering``; custom fields are the tenant's, so that no list names them."""
    if not prefix_of(view.model):
        return "Order of the list."
    return (
        "Order of the list; also custom_fields.<key>, with - before it for the largest first. "
        "custom_fields.<key> as a parameter filters (README of the API)."
    )


def _names(name: str, known: tuple[str, ...], description: str) -> OpenApiParameter:
    return OpenApiParameter(
        name, {"type": "array", "items": {"type": "string", "enum": list(known)}, "minItems": 1},
        style="form", explode=False, description=description,
    )  # fmt: skip


def _headers(method: str) -> list[OpenApiParameter]:
    if method == "POST":
        key = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!#-~]+$"}
        return [
            OpenApiParameter(
                "Idempotency-Key", key, OpenApiParameter.HEADER,
                description="A fresh text per act, such as a UUID: a repeat gets the first answer again.",
            )
        ]  # fmt: skip
    name = {"GET": "", "PATCH": "If-Match", "PUT": "If-Match", "DELETE": "If-Match"}.get(method, "")
    if not name:
        return []
    tag = {"type": "string", "pattern": '^"[0-9]+"$', "example": '"3"'}
    return [OpenApiParameter(name, tag, OpenApiParameter.HEADER, description="The ETag that you have read.")]


class ApiKeyScheme(OpenApiAuthenticationExtension):
    """How a key is sent."""

    target_class = "shared.api.authentication.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "trl_<prefix>_<secret>"}


class ServiceScheme(OpenApiAuthenticationExtension):
    """How an app's process asks the platform; nobody else can use it."""

    target_class = "shared.api.authentication.ServiceAuthentication"
    name = "Service"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        said = "Internal: the processes of support, crm and marketing sign each request with their service secret."
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": said}


class StaffSessionScheme(OpenApiAuthenticationExtension):
    """A session of the back office."""

    target_class = "shared.api.authentication.StaffSessionAuthentication"
    name = "StaffSession"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        from django.conf import settings

        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
