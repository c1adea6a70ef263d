"""Reading the activity log: the acts of one tenant in one domain, the newest first, and up to where they are sealed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connections
from django.db.models import QuerySet

from shared.records.activity.models import ActivityEvent
from shared.session import current

NEWEST = ("at", "position")
"""What acts are sorted by, downwards: the index of the log has them so, led by the tenant."""


@dataclass(frozen=True)
class Wanted:
    """Which acts: of the ``kinds`` of record in a domain, and whatever else is asked for."""

    domain: str
    kinds: Collection[str]
    """As the log calls them: ``support.ticket``."""
    record_id: uuid.UUID | None = None
    actor_id: uuid.UUID | None = None
    request_id: str = ""
    action: str = ""
    start: dt.datetime | None = None
    end: dt.datetime | None = None


def find_acts(wanted: Wanted) -> QuerySet[ActivityEvent]:
    """The tenant's acts, inside a unit of the domain.

    By record and by request there is an index; whatever else is asked for is looked for along the tenant's log, from its
    newest entry on.
    """
    facts = current()
    assert facts is not None
    rows = ActivityEvent.objects.filter(
        organization_id=facts.organization, domain=wanted.domain, entity_type__in=wanted.kinds
    )
    exactly = {
        "entity_id": wanted.record_id,
        "actor_id": wanted.actor_id,
        "request_id": wanted.request_id,
        "action": wanted.action,
        "at__gte": wanted.start,
        "at__lt": wanted.end,
    }
    return rows.filter(**{name: value for name, value in exactly.items() if value}).order_by(
        *(f"-{name}" for name in NEWEST)
    )


def sealed_until(domain: str) -> int:
    """The last position of a domain that is sealed; inside a unit."""
    facts = current()
    assert facts is not None
    with connections[facts.alias].cursor() as cursor:
        cursor.execute("SELECT shared.sealed_until(%s)", [domain])
        return int(cursor.fetchone()[0])
