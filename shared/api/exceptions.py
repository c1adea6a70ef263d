"""Turns every exception of an API view into a problem document; never a 500 for what the caller did."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import (
    BadRequest,
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    ValidationError,
)
from django.db.utils import Error as DatabaseError
from django.http import Http404
from django.http.request import RawPostDataException, UnreadablePostError
from rest_framework import exceptions as drf
from rest_framework.response import Response

from shared import errors
from shared.api.database_errors import database_problem, is_refused_by_server
from shared.api.problems import (
    MEDIA_TYPE,
    Problem,
    ProblemError,
    body_errors,
    field_errors,
    internal_problem,
    request_id_of,
)
from shared.records.activity.refusals import note_refusal

log = logging.getLogger("trellis.api")

_INVALID = "Some values were refused: correct the fields listed in errors."
_CODES = {
    401: "not_authenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    415: "unsupported_media_type",
    429: "rate_limited",
}


def problem_of(error: BaseException, method: str = "GET") -> Problem | None:
    """The problem document that says what an exception means; None when it is a bug of ours."""
    match error:
        case ProblemError():
            return error.problem
        case errors.DomainError():
            found = field_errors(getattr(error, "errors", {}), error.reason)
            headers = {"Retry-After": "5"} if error.status == 503 else {}
            return Problem(error.status, error.reason, error.message, found, headers, error.extra)
        case drf.ValidationError():
            return Problem(400, "invalid_input", _INVALID, body_errors(error.detail))
        case drf.ParseError():
            return Problem(400, "malformed", str(error.detail))
        case drf.APIException():
            return _of_rest_framework(error)
        case ValidationError():
            return _of_validation(error)
        case Http404() | ObjectDoesNotExist():
            return Problem(404, "not_found", errors.NotFound.default_message)
        case PermissionDenied():
            return Problem(403, "forbidden", errors.Forbidden.default_message)
        case RequestDataTooBig() | TooManyFieldsSent():
            return Problem(413, "body_too_large", "The body is too large: send at most 1 MB.")
        case SuspiciousOperation() | BadRequest() | RawPostDataException() | UnreadablePostError():
            return Problem(400, "malformed", "The request is malformed: check its headers and body.")
        case DatabaseError():
            return database_problem(error, method)
        case UnicodeEncodeError() if "surrogates not allowed" in error.reason:
            return Problem(
                400, "invalid_value", "A text holds half of a surrogate pair: send whole characters."
            )
    return None


def _of_rest_framework(error: drf.APIException) -> Problem:
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(error.auth_header)  # type: ignore[attr-defined]
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait))  # type: ignore[attr-defined]
    code = _CODES.get(error.status_code, "error")
    return Problem(error.status_code, code, _sentence(error), headers=headers)


_SENTENCES: dict[type[drf.APIException], str] = {
    drf.NotAuthenticated: "Sign in first: send Authorization: Bearer <API key>.",
    drf.NotAcceptable: "The answer is application/json or text/html: send an Accept header that admits one.",
    drf.UnsupportedMediaType: "The body must be application/json: send Content-Type: application/json.",
    drf.MethodNotAllowed: "This address does not take this method: the Allow header names those it takes.",
}
"""Where the framework's own words do not say what to do."""


def _sentence(error: drf.APIException) -> str:
    if type(error) in _SENTENCES:
        return _SENTENCES[type(error)]
    if type(error) is drf.PermissionDenied and error.detail == drf.PermissionDenied.default_detail:
        return errors.Forbidden.default_message
    if isinstance(error.detail, str):
        return str(error.detail)
    return "; ".join(found["detail"] for found in body_errors(error.detail))


def _of_validation(error: ValidationError) -> Problem:
    """Model validation in a service: a duplicate is a conflict, the rest bad input."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    found = []
    duplicate = False
    for name, several in by_field.items():
        for one in several:
            duplicate = duplicate or one.code in ("unique", "unique_together")
            for message in one.messages:
                found.extend(body_errors({name: [drf.ErrorDetail(message, code=one.code or "invalid")]}))
    if duplicate:
        return Problem(409, "duplicate", found[0]["detail"], found)
    return Problem(400, "invalid_input", _INVALID, found)


def exception_handler(error: Exception, context: dict[str, Any]) -> Response:
    """REST framework's hook: always answers, and logs what is ours to repair."""
    request = context["request"]
    problem = problem_of(error, request.method)
    request_id = request_id_of(request._request)
    if problem is None:
        log.exception("Unhandled error in %s %s (request %s)", request.method, request.path, request_id)
        problem = internal_problem()
    elif problem.status == 503 or isinstance(error, DatabaseError):
        log.warning("%s %s answered %s: %s", request.method, request.path, problem.status, error)
    if is_refused_by_server(error):
        view, caller = context["view"], getattr(request, "_auth", None)
        subject = view.model._meta.label if getattr(view, "model", None) else ""
        name = caller.actor.name if caller else ""
        note_refusal(request._request, "refused_write", domain=view.domain, subject=subject, name=name)
    return problem_answer(request, problem)


def problem_answer(request: Any, problem: Problem) -> Response:
    """A problem as a response of REST framework."""
    document = problem.document(instance=request.path, request_id=request_id_of(request._request))
    response = Response(document, status=problem.status, headers=problem.headers)
    response.problem = problem  # type: ignore[attr-defined]
    return response


def label_problem(response: Response) -> None:
    """Give a problem its media type, unless it is shown as a page."""
    renderer = getattr(response, "accepted_renderer", None)
    if renderer is None or renderer.format == "json":
        response.content_type = MEDIA_TYPE
