"""Maintenance of the kit's own tables."""

from __future__ import annotations

from shared.api.idempotency.store import purge_expired
from shared.domains.registry import central_domain
from shared.jobs import operator_task
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
