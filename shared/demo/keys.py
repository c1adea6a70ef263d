"""API keys of the demo: one per domain for the first tenant, one for all of the second."""

from __future__ import annotations

from shared.demo.credentials import AccessFile
from shared.domains.registry import central_domain, domains
from shared.session import acting
from shared.tenancy.keys import find_identity
from shared.tenancy.models import ApiKey, Tenant
from shared.tenancy.scopes import scopes_of
from shared.tenancy.services import issue_api_key, revoke_api_key

RATE_LIMIT = 6000  # calls per minute: a demo is also where people try a load test


def keep_keys(first: Tenant, second: Tenant, access: AccessFile) -> None:
    """See to it that every key of the file works; makes those that are missing."""
    keys = access.section("api_keys")
    for domain in domains():
        name = f"{domain.name} integration"
        keys[domain.name] = _working_key(first, name, scopes_of(domain.name), keys.get(domain.name))
    everything = scopes_of(*(domain.name for domain in domains()))
    other = access.section("other_tenant")
    other["slug"] = second.slug
    other["organization_id"] = str(second.pk)
    other["api_key"] = _working_key(second, f"{second.name} integration", everything, other.get("api_key"))


def _working_key(tenant: Tenant, name: str, scopes: list[str], known: object) -> str:
    if isinstance(known, str):
        identity = find_identity(known)
        if (
            identity is not None
            and identity.organization_id == tenant.pk
            and identity.scopes == frozenset(scopes)
        ):
            return known
    with acting(domain=central_domain().name, organization=tenant.pk):
        for lost in ApiKey.objects.filter(name=name, revoked_at__isnull=True):
            revoke_api_key(key_id=lost.pk)  # nobody has its text any more
        _, raw = issue_api_key(name=name, scopes=scopes, rate_limit=RATE_LIMIT)
    return raw
