"""Which tenants a wave goes to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from shared.tenancy.models import Tenant
from shared.tenancy.rollout.subjects import RolloutRefusedError


@dataclass(frozen=True)
class Choice:
    """Tenants by their short names, or those whose bucket lies below ``percent`` (100: all)."""

    slugs: tuple[str, ...] = ()
    percent: float = 100

    def __str__(self) -> str:
        if self.slugs:
            return ", ".join(self.slugs)[:200]
        return "all tenants" if self.percent >= 100 else f"{self.percent:g} % of tenants"

    def of(self, subject: str, tenants: Iterable[Tenant]) -> list[Tenant]:
        """The chosen ones among ``tenants``; raises RolloutRefusedError for a name that none of them has."""
        known = {tenant.slug: tenant for tenant in tenants}
        if not self.slugs:
            return [t for t in known.values() if bucket_of(subject, t) < self.percent]
        if strangers := [slug for slug in self.slugs if slug not in known]:
            raise RolloutRefusedError(
                f"There is no tenant {' or '.join(map(repr, strangers))} that has {subject}: see manage.py rollout status."
            )
        return [known[slug] for slug in dict.fromkeys(self.slugs)]


def bucket_of(subject: str, tenant: Tenant) -> float:
    """Where a tenant stands between 0 and 100 for this subject: always at the same place, and elsewhere for another
    subject, so that it is not always the same tenants who come first."""
    digest = hashlib.sha256(f"{subject}:{tenant.pk}".encode()).digest()
    return float(int.from_bytes(digest[:8]) / 2**64 * 100)
