"""Maintenance of the kit's own tables."""

from __future__ import annotations

from shared.api.idempotency.store import purge_expired
from shared.domains.registry import central_domain
from shared.domains.router import alias_of, domains_in
from shared.jobs import maintenance_task, operator_task
from shared.privacy import retention
from shared.records.activity import sealing
from shared.tenancy import copying


@operator_task(name="shared.purge_idempotency_keys", reason="answers are kept for a day")
def purge_idempotency_keys() -> int:
    """Delete answers kept for repeated requests once their time is over; returns how many."""
    total = 0
    while deleted := purge_expired():
        total += deleted
    return total


@operator_task(
    name="shared.sync_tenancy",
    reason="the domains' databases follow the platform's",
    domain=central_domain().name,
)
def sync_tenancy() -> dict[str, int]:
    """Copy tenants, hostnames, keys and profiles to the other databases, if there are any; returns the rows changed in
    each."""
    return copying.sync_tenancy()


@operator_task(name="shared.seal_activity", reason="what was written can no longer be changed unnoticed")
def seal_activity() -> int:
    """Seal the final entries of the activity log; returns how many."""
    return sealing.seal_activity()


@maintenance_task(name="shared.apply_retention", reason="records stay as long as their tenant's rules say")
def apply_retention(domain: str, once_per_database: bool = False) -> int:
    """Carry out the tenants' rules of retention in the database of a domain; returns how many records they reached."""
    living = [each.name for each in domains_in(alias_of(domain))]
    if once_per_database and living[0] != domain:
        return 0
    return sum(applied.reached for _, applied in retention.apply_all(living))
