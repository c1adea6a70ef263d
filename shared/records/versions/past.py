"""The past: which rows a table had at a moment, and how queries and records are told to look back.

A query looks back when it was told to (``Ticket.objects.as_of(moment)``), when the query around it does, or when its unit
does (``acting(…, as_of=moment)``). ``compiler.py`` then reads every table from what is written here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models.query import ModelIterable
from django.utils import timezone

from shared.domains.access import access_of
from shared.records.versions.models import is_version, version_table
from shared.session.facts import current
from shared.tenancy.standing import fields_not_there_yet

_PRESENT = object()
_around: ContextVar[dt.datetime | None] = ContextVar("trellis_as_of", default=None)


class PastMomentError(ValueError):
    """A moment that nobody can look back to; the sentence says what to send."""


class PastIsFixedError(RuntimeError):
    """Something read as of a moment was about to be changed: what was, stays as it was. Read it as it is now and
    change that."""


def check_moment(moment: dt.datetime) -> dt.datetime:
    """The moment, with a time zone and not in the future; raises PastMomentError."""
    if not isinstance(moment, dt.datetime):
        raise PastMomentError("Give a date and a time, such as 2026-05-01T12:00:00Z.")
    if timezone.is_naive(moment):
        raise PastMomentError(
            "Give a time zone too, such as 2026-05-01T12:00:00Z or 2026-05-01T12:00:00+02:00."
        )
    if moment > timezone.now():
        raise PastMomentError("This is in the future: give a moment that has passed.")
    return moment


def moment_of(query: Any) -> dt.datetime | None:
    """When a query is about; None for the present."""
    own = getattr(query, "as_of", None)
    if own is not None:
        return None if own is _PRESENT else own
    facts = current()
    return _around.get() or (facts.as_of if facts is not None else None)


@contextmanager
def around(moment: dt.datetime) -> Iterator[None]:
    """While a query is compiled: the queries within it are about the same moment."""
    token = _around.set(moment)
    try:
        yield
    finally:
        _around.reset(token)


# --- queries and records ---------------------------------------------------------------------------------------------


def look_back(rows: models.QuerySet[Any], moment: dt.datetime) -> models.QuerySet[Any]:
    """The same rows as they were at ``moment`` (checked); what they refer to is read as of it too."""
    past = rows.all()
    turn_back(past, moment)
    return past


def as_it_is(rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """The same rows as they are now, also where everything around them is of the past."""
    present = rows.all()
    present.query.as_of = _PRESENT  # type: ignore[attr-defined]
    return present


def turn_back(rows: models.QuerySet[Any], moment: dt.datetime) -> None:
    """As ``look_back``, the query itself."""
    rows.query.as_of = moment  # type: ignore[attr-defined]  # copied with every clone
    if rows._iterable_class is ModelIterable:  # type: ignore[attr-defined]  # missing in the stubs
        rows._iterable_class = PastRecords  # type: ignore[attr-defined]


class PastRecords(ModelIterable):
    """Records that know of which moment they are."""

    def __iter__(self) -> Iterator[Any]:
        moment = moment_of(self.queryset.query)  # type: ignore[attr-defined]  # missing in the stubs
        for record in super().__iter__():
            _mark(record, moment)
            yield record


def _mark(record: models.Model, moment: dt.datetime | None) -> None:
    record._state.as_of = moment  # type: ignore[attr-defined]
    for related in record._state.fields_cache.values():
        if isinstance(related, models.Model) and moment_of_record(related) != moment:
            _mark(related, moment)


def moment_of_record(record: Any) -> dt.datetime | None:
    """When a record is of; None for one as it is now."""
    return getattr(getattr(record, "_state", None), "as_of", None)


def refuse_past_rows(rows: models.QuerySet[Any]) -> None:
    """Raises PastIsFixedError for rows as of a moment."""
    if moment_of(rows.query) is not None:
        raise PastIsFixedError("What was, stays as it was: a query as of a moment only reads.")


def refuse_past(record: models.Model) -> None:
    """Raises PastIsFixedError for a record that was read as of a moment."""
    moment = moment_of_record(record)
    if moment is not None:
        raise PastIsFixedError(
            f"This {record._meta.verbose_name} is as it was at {moment.isoformat()}: what was, stays as it was. "
            "Read it as it is now and change that."
        )


# --- tables ----------------------------------------------------------------------------------------------------------


@cache
def has_past(db_table: str) -> bool:
    """Whether a table can be read as of a moment: its records have versions, or are never changed."""
    return db_table in _models()


def past_name(db_table: str) -> str:
    """What a statement calls a table's rows of then: ``"support_app.tickets"``."""
    plain = db_table.replace('"', "")
    return f'"{plain}"'


def past_rows(db_table: str, moment: dt.datetime, *, entity: str = "") -> tuple[str, list[Any]]:
    """SQL of the rows that a table had at a moment, with its parameters.

    A version holds from ``valid_from`` on and before ``valid_to``; one of type ``-`` says that there was no record.
    Rows that never change were there from ``created_at`` on. Terms of custom fields follow from the records of then, of
    one kind where the query names its ``entity``: no index has them.
    """
    model = _models()[db_table]
    if _holds_terms(model):
        return _past_terms(model, moment, entity)
    versions = _versions_of(model)
    if versions is None:
        return f'SELECT * FROM "{db_table}" WHERE "created_at" <= %s', [moment]
    missing = fields_not_there_yet(model)
    kept = {field.column for field in versions._meta.concrete_fields if field.name not in missing}
    columns = ", ".join(
        f'"{field.column}"' if field.column in kept else f'NULL::{_type(field)} AS "{field.column}"'
        for field in model._meta.concrete_fields
    )
    said = (
        f'SELECT {columns} FROM "{version_table(db_table)}" WHERE "valid_from" <= %s '
        'AND ("valid_to" > %s OR "valid_to" IS NULL) AND "history_type" <> \'-\''
    )
    facts = current()
    if facts is None or facts.organization is None:
        return said, [moment, moment]
    return f'{said} AND "organization_id" = %s', [moment, moment, facts.organization]


def _past_terms(table: Any, moment: dt.datetime, entity: str) -> tuple[str, list[Any]]:
    from shared.records.custom_fields import terms

    parts: list[str] = []
    values: list[Any] = []
    for noun, model in _indexed_in(table).items():
        if entity in ("", noun):
            rows, given = past_rows(model._meta.db_table, moment)
            parts.append(terms.select_terms(noun, f"({rows})", model.sorted_fields))
            values += given * (1 + len(model.sorted_fields))
    return (
        'SELECT NULL::bigint AS id, t.organization_id, t.record_id, t.created_at, t.term COLLATE "C" AS term '
        f"FROM ({' UNION ALL '.join(parts)}) t",
        values,
    )


@cache
def _holds_terms(model: type[models.Model]) -> bool:
    from shared.records.custom_fields.models import FieldTerm

    return issubclass(model, FieldTerm)


@cache
def _indexed_in(table: type[models.Model]) -> dict[str, Any]:
    """The models whose custom fields a table of terms has, by noun."""
    from shared.records.custom_fields.selectors import find_term_model
    from shared.records.models import noun_of

    return {noun_of(model): model for model in apps.get_models() if find_term_model(model) is table}


@cache
def _models() -> dict[str, type[models.Model]]:
    """Models that have a past, by table."""
    found = {}
    for model in apps.get_models():
        if is_version(model) or model._meta.proxy:
            continue
        grows = access_of(model).append_only and any(f.name == "created_at" for f in model._meta.fields)
        if _versions_of(model) is not None or grows or _holds_terms(model):
            found[model._meta.db_table] = model
    return found


def _versions_of(model: type[models.Model]) -> Any:
    """The model of the version table; None where there is none."""
    manager = getattr(model._meta, "simple_history_manager_attribute", None)
    return getattr(model, manager).model if manager else None


@cache
def _type(field: models.Field[Any, Any]) -> str:
    from django.db import connection

    return str(field.db_type(connection))
