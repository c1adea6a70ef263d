"""Models of the kit; each lives in the package of its noun."""

from shared.tenancy.models import ApiKey, Tenant, TenantDomain, UserProfile

__all__ = ["ApiKey", "Tenant", "TenantDomain", "UserProfile"]
