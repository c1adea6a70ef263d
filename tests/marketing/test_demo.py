"""The demo's marketing."""

from __future__ import annotations

from marketing.demo import seed
from marketing.models import Campaign, Segment
from shared.session import acting
from shared.tenancy.models import Tenant


def test_a_second_run_changes_nothing(tenant: Tenant) -> None:
    for _ in range(2):
        with acting(domain="marketing", organization=tenant.id):
            seed(tenant)
    with acting(domain="marketing", organization=tenant.id):
        assert Segment.objects.count() == 3
        assert sorted(c.status for c in Campaign.objects.all()) == ["approved", "draft"]
