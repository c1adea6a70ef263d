"""Managers of records: the current tenant's, living rows."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, TypeVar, cast

from django.db import models
from django.utils import timezone

from shared.records.bulk import update_by_values
from shared.records.versions.past import (
    check_moment,
    look_back,
    moment_of_record,
    refuse_past_rows,
    turn_back,
)
from shared.session.facts import current

R = TypeVar("R", bound=models.Model)


class RecordQuerySet(models.QuerySet[R]):
    """Rows of a tenant table."""

    def as_of(self, moment: dt.datetime) -> RecordQuerySet[R]:
        """These rows as they were at ``moment``, with a time zone; what they refer to is read as of it too.

        Raises PastMomentError for a moment in the future or without a time zone.
        """
        return cast("RecordQuerySet[R]", look_back(self, check_moment(moment)))

    def living(self) -> RecordQuerySet[R]:
        """Without the soft-deleted."""
        return self.filter(deleted_at__isnull=True)

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[R]:
        """As Django's, with tenant and app of the unit where they are not set, as ``save()`` does it."""
        rows = list(objs)
        for row in rows:
            row.adopt_unit()
        return super().bulk_create(rows, *args, **kwargs)

    def bulk_update(self, objs: Any, fields: Any, batch_size: int | None = None) -> int:
        """As Django's, in one statement with arrays where it can be."""
        refuse_past_rows(self)
        rows, names = tuple(objs), tuple(fields)
        done = update_by_values(self, rows, names, batch_size)
        return super().bulk_update(rows, names, batch_size) if done is None else done

    bulk_update.alters_data = True  # type: ignore[attr-defined]  # no template may call it

    def _add_hints(self, **hints: Any) -> None:
        """A related manager tells whose rows these are: those of a past record are of its moment."""
        super()._add_hints(**hints)  # type: ignore[misc]  # missing in the stubs
        moment = moment_of_record(hints.get("instance"))
        if moment is not None:
            turn_back(self, moment)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Remove these rows; refused for those of the past, which Django would look for in the present."""
        refuse_past_rows(self)
        return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]  # no template may call it

    def soft_delete(self) -> int:
        """Hide these rows and what would cascade with them; returns how many of these were hidden."""
        refuse_past_rows(self)
        from shared.records.deletion import hide

        return hide(self, at=timezone.now())


class TenantManager(models.Manager.from_queryset(RecordQuerySet)):  # type: ignore[misc]  # dynamic base
    """All rows of the current tenant.

    Row-level security protects; the literal tenant that is added here gives the planner its estimates and
    partition pruning back.
    """

    always: ClassVar[dict[str, Any]] = {}
    """Further conditions on every row, added in the same filter (a second one costs a copy of the query)."""

    def get_queryset(self) -> Any:
        conditions = dict(self.always)
        facts = current()
        if facts is not None and facts.organization is not None:
            conditions["organization_id"] = facts.organization
        rows = super().get_queryset()
        return rows.filter(**conditions) if conditions else rows


class LivingManager(TenantManager):
    """The current tenant's rows that are not deleted."""

    always: ClassVar[dict[str, Any]] = {"deleted_at__isnull": True}
