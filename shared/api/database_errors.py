"""What PostgreSQL's refusals mean to a caller of the API."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models
from django.db.utils import Error, InterfaceError, OperationalError

from shared.api.problems import Problem
from shared.domains.moving.follow import follow_move, has_moved
from shared.records import TenantUnique

RETRIED_STATES = frozenset({"40001", "40P01", "55P03"})
"""Serialization failure, deadlock, lock not available: the same unit may succeed at once."""

_COLUMNS = re.compile(r"\(([^)]*)\)=")
_MOVING = "The tables are just moving to another database: repeat the request in a second."
_NO_CONNECTION = "All connections to the database are in use: repeat the request in a second."
_BUSY = "The service is busy or restarting: repeat the request in a moment."


def sqlstate_of(error: BaseException) -> str | None:
    """The SQLSTATE behind an error of Django's or psycopg's, if there is one."""
    return getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None)


def is_retried(error: BaseException) -> bool:
    """Whether the unit of work may be tried once more."""
    return sqlstate_of(error) in RETRIED_STATES


def is_refused_by_server(error: BaseException) -> bool:
    """Whether a policy or missing grant refused: another tenant's rows, another app's table."""
    return isinstance(error, Error) and sqlstate_of(error) == "42501"


def database_problem(error: Error, method: str) -> Problem | None:
    """The problem document for a database error; None when it is a bug of ours."""
    state = sqlstate_of(error) or ""
    if has_moved(error):
        follow_move()
        return Problem(503, "moving", _MOVING, headers={"Retry-After": "1"})
    diag = getattr(error.__cause__, "diag", None)
    if state == "42501":
        return Problem(403, "forbidden", "You may not do this with this record.")
    if state == "23505":
        return _duplicate(diag)
    if state == "23503":
        return _reference(diag, method)
    if state == "23502":
        name = getattr(diag, "column_name", None) or ""
        return _refused(name, "required", "This field is required.")
    if state == "23514":
        return _refused(*_check_constraint(diag))
    if state.startswith("22"):
        return Problem(
            400, "invalid_value", "A value is out of range or not of its type: check the numbers and texts."
        )
    if state in RETRIED_STATES or state == "57014":
        return Problem(503, "busy", _BUSY, headers={"Retry-After": "1"})
    if not state and isinstance(error, _data_errors()):
        return Problem(400, "invalid_value", "A text holds a character that cannot be stored, such as NUL.")
    if state == "53300":
        return Problem(503, "no_connection", _NO_CONNECTION, headers={"Retry-After": "1"})
    if state[:2] in {"08", "53", "57"} or (
        not state and isinstance(error, (OperationalError, InterfaceError))
    ):
        return Problem(503, "unavailable", _BUSY, headers={"Retry-After": "5"})
    return None


def _data_errors() -> tuple[type[Error], ...]:
    from django.db.utils import DataError

    return (DataError,)


def _refused(name: str, code: str, detail: str) -> Problem:
    error = {"pointer": f"/{name}" if name else "", "code": code, "detail": detail}
    if name:
        error = {"field": name, **error}
    return Problem(
        400, "invalid_input", "A value was refused: correct the field listed in errors.", errors=[error]
    )


def _duplicate(diag: Any) -> Problem:
    model, constraint = find_constraint(getattr(diag, "constraint_name", None) or "")
    if model is not None and isinstance(constraint, TenantUnique):
        field = model._meta.get_field(constraint.error_field)
        name, detail = str(getattr(field, "attname", field.name)), constraint.refusal(model)
    else:
        name, detail = (_columns(diag) or [""])[-1], "There is already a record with this value."
    error = {"field": name, "pointer": f"/{name}", "code": "unique", "detail": detail}
    return Problem(409, "duplicate", detail, errors=[error] if name else [])


def _reference(diag: Any, method: str) -> Problem:
    referenced = "still referenced" in (getattr(diag, "message_detail", None) or "")
    if referenced or method == "DELETE":
        return Problem(409, "in_use", "Other records still refer to this one: change or remove them first.")
    name = (_columns(diag) or [""])[-1]
    return _refused(name, "does_not_exist", "There is no such record in your organization.")


def _columns(diag: Any) -> list[str]:
    """The columns of a violated key, without the tenant."""
    found = _COLUMNS.search(getattr(diag, "message_detail", None) or "")
    columns = [c.strip().strip('"') for c in found.group(1).split(",")] if found else []
    return [c for c in columns if c != "organization_id"]


def _check_constraint(diag: Any) -> tuple[str, str, str]:
    name = getattr(diag, "constraint_name", None) or ""
    _, constraint = find_constraint(name)
    message = getattr(constraint, "violation_error_message", "") or ""
    if message and message != models.CheckConstraint.default_violation_error_message:
        return "", "invalid", str(message)
    return "", "invalid", f"The values break the rule {name!r}: correct them."


@cache
def find_constraint(name: str) -> tuple[type[models.Model], models.BaseConstraint] | tuple[None, None]:
    """The constraint that a model declares under this name, with the model."""
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name == name:
                return model, constraint
    return None, None
