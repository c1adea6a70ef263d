"""The demo's sales."""

from __future__ import annotations

from crm.demo import PEOPLE, seed
from crm.models import Activity, Deal, Pipeline
from shared.session import acting
from shared.tenancy.models import Tenant


def test_a_second_run_changes_nothing(tenant: Tenant) -> None:
    for _ in range(2):
        with acting(domain="crm", organization=tenant.id):
            seed(tenant)
    with acting(domain="crm", organization=tenant.id):
        assert Pipeline.objects.count() == 1
        assert {deal.stage.name for deal in Deal.objects.all()} == {stage for *_, stage in PEOPLE}
        assert Activity.objects.filter(type="deal_won").count() == 1
