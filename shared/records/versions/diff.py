"""What changed between two versions of a record, field by field."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models

from shared.records.versions.past import check_moment
from shared.tenancy.standing import fields_not_there_yet

UNTOLD = frozenset({"id", "organization", "version", "created_at", "updated_at", "created_by_app"})
"""What every version has of its own, or what never changes."""


@dataclass(frozen=True)
class FieldChange:
    """A field that had another value before; both as Python has them, None where there was no record."""

    field: models.Field[Any, Any]
    old: Any
    new: Any

    @property
    def name(self) -> str:
        """As in the model: ``status``; of a reference ``customer_id``."""
        return self.field.attname  # type: ignore[attr-defined]  # missing in the stubs


def told_fields(model: type[models.Model]) -> Iterator[models.Field[Any, Any]]:
    """The fields whose changes are told: neither bookkeeping nor secrets, nor what PostgreSQL derives from others."""
    hidden = {*UNTOLD, *getattr(model, "secret_fields", ()), *fields_not_there_yet(model)}
    for field in model._meta.concrete_fields:
        if field.name not in hidden and not isinstance(field, models.GeneratedField):
            yield field


def changes_between(model: type[models.Model], before: Any, after: Any) -> list[FieldChange]:
    """The fields in which two versions differ; None stands for no record."""
    found = []
    for field in told_fields(model):
        old, new = (None if v is None else getattr(v, field.attname) for v in (before, after))  # type: ignore[attr-defined]
        if old != new:
            found.append(FieldChange(field, old, new))
    return found


def version_at(model: Any, pk: uuid.UUID, moment: dt.datetime) -> Any:
    """The version that held at a moment (with a time zone, passed); None where there was no record."""
    version = (
        _versions(model).filter(id=pk, history_date__lte=check_moment(moment)).order_by("-version").first()
    )
    return None if version is None or version.history_type == "-" else version


def diff(model: Any, pk: uuid.UUID, start: dt.datetime, end: dt.datetime) -> list[FieldChange]:
    """How a record at ``end`` differs from itself at ``start``; raises PastMomentError for a moment in the future."""
    return changes_between(model, version_at(model, pk, start), version_at(model, pk, end))


def with_changes(model: Any, versions: Iterable[Any]) -> list[tuple[Any, list[FieldChange]]]:
    """Versions of one record, newest first, each with what it changed; the one before the last is read too."""
    listed = list(versions)
    if not listed:
        return []
    last = listed[-1]
    before = _versions(model).filter(id=last.id, version=last.version - 1).first()
    known = [*listed, before]
    return [
        (version, changes_between(model, _state(earlier), _state(version)))
        for version, earlier in zip(listed, known[1:], strict=True)
    ]


def act_of(version: Any, changes: Iterable[FieldChange]) -> str:
    """What happened: created, updated, deleted, restored, removed."""
    if version.history_type == "-":
        return "removed"
    if version.history_type == "+":
        return "created"
    for change in changes:
        if change.name == "deleted_at":
            return "restored" if change.new is None else "deleted"
    return "updated"


def _state(version: Any) -> Any:
    return None if version is None or version.history_type == "-" else version


def _versions(model: Any) -> models.QuerySet[Any]:
    versions: models.QuerySet[Any] = model.history.all()
    return versions
