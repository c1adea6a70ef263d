"""Reading activities."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from crm.models import Activity
from shared.errors import NotFound


def activities() -> QuerySet[Activity]:
    """The tenant's activities."""
    return Activity.objects.all()


def get_activity(activity_id: uuid.UUID, *, lock: bool = False) -> Activity:
    """The activity, or raises NotFound; ``lock`` holds its row until the unit ends."""
    rows = Activity.objects.select_for_update() if lock else Activity.objects
    activity = rows.filter(pk=activity_id).first()
    if activity is None:
        raise NotFound("There is no such activity: list /api/crm/activities for those you have.")
    return activity


def find_activity(activity_id: uuid.UUID) -> Activity | None:
    """The activity, or None."""
    return Activity.objects.filter(pk=activity_id).first()
