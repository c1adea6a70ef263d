"""What the apps hold of customers, and what happened in them."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from platform_core.models import CustomerRecord, TimelineEntry


def records_in(domains: Collection[str]) -> QuerySet[CustomerRecord]:
    """Records of these apps."""
    return CustomerRecord.objects.filter(domain__in=list(domains))


def timeline_in(domains: Collection[str]) -> QuerySet[TimelineEntry]:
    """What happened in these apps."""
    return TimelineEntry.objects.filter(domain__in=list(domains))
