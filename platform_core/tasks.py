"""Maintenance of the platform's tables."""

from __future__ import annotations

from django.utils import timezone

from platform_core.models import Session
from shared.jobs import operator_task


@operator_task(
    name="platform.clear_expired_sessions",
    domain="platform",
    reason="a session that has run out is of no use",
)
def clear_expired_sessions() -> int:
    """Delete sessions that have run out; returns how many."""
    deleted, _ = Session.objects.filter(expire_date__lt=timezone.now()).delete()
    return deleted
