"""Models of the kit; each lives in the package of its noun."""

from shared.api.idempotency.models import IdempotencyKey
from shared.events.models import (
    AggregateVersion,
    EventInterest,
    InboxEvent,
    OutboxDelivery,
    OutboxEntry,
    OutboxEvent,
)
from shared.jobs.backfills.models import BackfillPosition
from shared.privacy.models import LegalHold
from shared.records.activity.models import ActivityEvent, ActivityHorizon, ActivitySeal
from shared.tenancy.models import ApiKey, ApiKeyUse, Tenant, TenantDomain, UserProfile
from shared.tenancy.rollout.models import RolloutStep, RolloutWave

__all__ = [
    "ActivityEvent",
    "ActivityHorizon",
    "ActivitySeal",
    "AggregateVersion",
    "ApiKey",
    "ApiKeyUse",
    "BackfillPosition",
    "EventInterest",
    "IdempotencyKey",
    "InboxEvent",
    "LegalHold",
    "OutboxDelivery",
    "OutboxEntry",
    "OutboxEvent",
    "RolloutStep",
    "RolloutWave",
    "Tenant",
    "TenantDomain",
    "UserProfile",
]
