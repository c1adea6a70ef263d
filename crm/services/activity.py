"""Writing the timeline of sales."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TypedDict, Unpack

from django.utils import timezone

from crm.choices import RECORDED_BY_SYSTEM, ActivityType
from crm.models import Activity, CustomerReference
from crm.selectors.activity import get_activity
from crm.selectors.contact import find_contact
from crm.selectors.deal import find_deal
from shared.errors import Conflict, InvalidInput
from shared.records.saving import save_checked


class ActivityValues(TypedDict, total=False):
    description: str
    metadata: dict[str, object]
    occurred_at: dt.datetime
    due_at: dt.datetime | None
    deal_id: uuid.UUID | None
    contact_id: uuid.UUID | None
    customer: CustomerReference | None
    owner_id: uuid.UUID | None
    custom_fields: dict[str, object]


def log_activity(*, type: str, **values: Unpack[ActivityValues]) -> Activity:
    """Write down what someone did or means to do. The customer follows from deal or contact if not given."""
    if type in RECORDED_BY_SYSTEM:
        allowed = [choice.value for choice in ActivityType if choice not in RECORDED_BY_SYSTEM]
        raise InvalidInput(
            {"type": f"Activities of this type write themselves: choose {', '.join(allowed)}."},
            allowed=allowed,
        )
    if not values.get("description", "").strip():
        raise InvalidInput({"description": "Say what happened, or what is to be done."})
    return record_activity(type=type, **values)


def record_activity(*, type: str, **values: Unpack[ActivityValues]) -> Activity:
    """Write down an activity of any type; for services and handlers, where it follows from something else."""
    _check_due(type, values.get("due_at"))
    activity = Activity(type=type, **values)
    if activity.customer_id is None:
        activity.customer_id = _customer_of(activity.deal_id, activity.contact_id)
    return save_checked(activity, follows=type in RECORDED_BY_SYSTEM)


def update_activity(*, activity: Activity, **changes: Unpack[ActivityValues]) -> Activity:
    """Change an activity that a person wrote."""
    if activity.type in RECORDED_BY_SYSTEM:
        raise Conflict("This activity was written by the system as a record: it cannot be changed.")
    if "description" in changes and not changes["description"].strip():
        raise InvalidInput({"description": "Say what happened, or what is to be done."})
    _check_due(activity.type, changes.get("due_at"))
    return save_checked(activity, changes)


def complete_task(*, activity_id: uuid.UUID) -> Activity:
    """Mark a task as done; one that is done stays as it was."""
    activity = get_activity(activity_id, lock=True)
    if activity.type != ActivityType.TASK:
        raise Conflict(f"Only a task can be completed, and this is of the type {activity.type}.")
    if activity.done_at is None:
        save_checked(activity, {"done_at": timezone.now()})
    return activity


def delete_activity(*, activity: Activity) -> None:
    """Hide an activity."""
    activity.soft_delete()


def _check_due(type: str, due_at: dt.datetime | None) -> None:
    if due_at is not None and type != ActivityType.TASK:
        raise InvalidInput({"due_at": "Only a task has a due date: leave it out, or choose the type task."})


def _customer_of(deal_id: uuid.UUID | None, contact_id: uuid.UUID | None) -> uuid.UUID | None:
    """The reference of the customer whom an activity is about."""
    if deal_id is not None and (deal := find_deal(deal_id)) is not None and deal.customer_id is not None:
        return deal.customer_id
    if contact_id is not None and (contact := find_contact(contact_id)) is not None:
        return contact.customer_id
    return None
