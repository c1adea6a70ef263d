"""Models of the kit; each lives in the package of its noun."""

from shared.api.idempotency.models import IdempotencyKey
from shared.records.activity.models import ActivityEvent
from shared.tenancy.models import ApiKey, Tenant, TenantDomain, UserProfile

__all__ = ["ActivityEvent", "ApiKey", "IdempotencyKey", "Tenant", "TenantDomain", "UserProfile"]
