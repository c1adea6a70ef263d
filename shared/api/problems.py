"""Problem documents (RFC 9457): every answer of the API that is not a success."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse

MEDIA_TYPE = "application/problem+json"

TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    412: "Precondition failed",
    413: "Body too large",
    415: "Unsupported media type",
    422: "Unprocessable",
    428: "Precondition required",
    429: "Too many requests",
    500: "Server error",
    503: "Not available",
}

MAX_ERRORS = 50


@dataclass
class Problem:
    """One problem document. ``errors`` name where each fault lies: ``field``/``pointer`` in the body,
    ``parameter`` in the query, ``header`` among the headers."""

    status: int
    code: str
    detail: str
    errors: list[dict[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    def document(self, *, instance: str, request_id: str) -> dict[str, Any]:
        """The JSON object."""
        return {
            "type": f"urn:trellis:problem:{self.code}",
            "title": TITLES.get(self.status, "Error"),
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "request_id": request_id,
            "errors": self.errors[:MAX_ERRORS],
            **self.extra,
        }


class ProblemError(Exception):
    """Raised inside the API kit to answer with a problem document."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Iterable[dict[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        self.problem = Problem(status, code, detail, list(errors), dict(headers or {}), extra)
        super().__init__(detail)


def bad_parameter(name: str, detail: str, *, code: str = "invalid") -> ProblemError:
    """A 400 that names a query parameter."""
    error = {"parameter": name, "code": code, "detail": detail}
    return ProblemError(
        400, "invalid_parameter", f"The query parameter {name!r} was refused: {detail}", errors=[error]
    )


def body_errors(detail: Any, path: tuple[str, ...] = ()) -> list[dict[str, str]]:
    """Flatten nested error details (DRF's or Django's) into a list that names each field and points to it."""
    if isinstance(detail, Mapping):
        found = []
        for key, value in detail.items():
            below = path if key in ("", NON_FIELD_ERRORS, "non_field_errors") else (*path, str(key))
            found.extend(body_errors(value, below))
        return found
    if isinstance(detail, (list, tuple)):
        found = []
        for index, value in enumerate(detail):
            nested = isinstance(value, Mapping)
            found.extend(body_errors(value, (*path, str(index)) if nested else path))
        return found
    error = {
        "pointer": "/" + "/".join(p.replace("~", "~0").replace("/", "~1") for p in path) if path else "",
        "code": str(getattr(detail, "code", None) or "invalid"),
        "detail": str(detail),
    }
    if path:
        error = {"field": ".".join(path), **error}
    return [error]


def field_errors(errors: Mapping[str, Sequence[str]], code: str) -> list[dict[str, str]]:
    """Errors by field, as services raise them."""
    found = []
    for name, messages in errors.items():
        for message in messages:
            error = {"pointer": "/" + name.replace(".", "/") if name else "", "code": code, "detail": message}
            found.append({"field": name, **error} if name else error)
    return found


def request_id_of(request: Any) -> str:
    """The name of a request, which the first middleware gave it."""
    return str(getattr(request, "request_id", ""))


def problem_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """A problem outside of REST framework's views: unknown addresses, middleware."""
    import orjson

    document = problem.document(instance=request.path, request_id=request_id_of(request))
    response = HttpResponse(orjson.dumps(document), status=problem.status, content_type=MEDIA_TYPE)
    for name, value in problem.headers.items():
        response[name] = value
    return response


def unknown_address(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """View of every address below /api/ that leads nowhere."""
    detail = "There is nothing at this address: see /api/docs/ for those there are."
    return problem_response(request, Problem(404, "not_found", detail))


def internal_problem() -> Problem:
    """What a caller learns of a bug: nothing but the request's name."""
    detail = "Something went wrong on our side: report the request_id to the operators."
    return Problem(500, "internal", detail)
