"""Code works for tenants who have the newest schema and for those who wait for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.quickbooks.models import QuickbooksCustomer
from crm.quickbooks.services import record_quickbooks_customer
from crm.services.customer_reference import sync_customer_reference
from shared.jobs.backfills.registry import find_backfill
from shared.jobs.backfills.running import BackfillRun
from shared.records.versions.diff import told_fields
from shared.session import TenantMissingError, acting, tenant_schema_name
from shared.tenancy.features import UnknownFeatureError, feature_is_on, get_feature
from shared.tenancy.models import Tenant
from shared.tenancy.schemas import newest_migrations
from shared.tenancy.standing import forget_standing, standing
from tests.bases.callers import make_caller
from tests.bases.staff import staff_client
from tests.conftest import connection_as
from tests.crm.factories import summary
from tests.crm.quickbooks.conftest import disconnect_quickbooks
from tests.servers import ROOT

URL = "/api/crm/quickbooks/customers"
FEATURE = "quickbooks_matching"
_MAKE = """
import sys, django; django.setup()
from shared.tenancy.models import Tenant
from shared.tenancy.schemas import make_schema
for place in sys.argv[1:]:
    identifier, target = place.split(":")
    make_schema(Tenant.objects.get(pk=identifier), {"quickbooks": target})
"""


@pytest.fixture
def versions(committed: Callable[[str], Tenant]) -> Iterator[dict[int, Tenant]]:
    """A tenant at each version of the schema, of those that have a version table."""
    tenants = {2: committed("Behind"), 3: committed("Ahead")}
    targets = {2: "0002_history", 3: newest_migrations()["quickbooks"]}
    environment = {**os.environ, "TRELLIS_PROCESS": "migrations"}
    places = [f"{tenant.pk}:{targets[number]}" for number, tenant in tenants.items()]
    subprocess.run([sys.executable, "-c", _MAKE, *places], cwd=ROOT, env=environment, check=True)
    try:
        yield tenants
    finally:
        for tenant in tenants.values():
            disconnect_quickbooks(tenant)


def switch(tenant: Tenant, on: bool) -> None:
    with acting(domain="platform", organization=tenant.pk):
        Tenant.objects.filter(pk=tenant.pk).update(settings={"features": {FEATURE: on}})
    forget_standing()


@pytest.mark.parametrize("number", [2, 3])
def test_every_way_of_reading_and_writing_works(versions: dict[int, Tenant], number: int) -> None:
    tenant = versions[number]
    with acting(domain="crm", organization=tenant.pk):
        assert standing().schema_version == number
        first = record_quickbooks_customer(external_id="1", display_name="Ada", email="Ada@Example.com")
        assert record_quickbooks_customer(external_id="1", display_name="Ada L.").version == 2
        made = QuickbooksCustomer.objects.bulk_create(
            [QuickbooksCustomer(external_id=f"b{n}", display_name="Bulk") for n in range(3)]
        )
        assert len({row.pk for row in made}) == 3
        found = QuickbooksCustomer.objects.get(pk=first.pk)
        found.display_name = "Countess"
        found.save()
        found.refresh_from_db()
        assert found.display_name == "Countess"
        QuickbooksCustomer.objects.filter(pk=made[0].pk).update(display_name="Updated")
        made[1].soft_delete()
        assert [v.version for v in found.history.all()] == [3, 2, 1]
        if number == 3:
            assert found.email_norm == "ada@example.com"
            assert [v.email_norm for v in found.history.all()] == ["ada@example.com"] * 3
    caller = make_caller(tenant, "crm:read")
    answer = caller.get(f"{URL}?email=ADA@example.com")
    assert answer.status_code == 200, answer.content
    assert [row["display_name"] for row in answer.json()["results"]] == ["Countess"]
    assert caller.get(f"{URL}?email=nobody@example.com").json()["results"] == []
    assert caller.get(f"{URL}/{first.pk}").json()["version"] == 3
    then = first.created_at.isoformat().replace("+", "%2B")
    past = caller.get(f"{URL}?as_of={then}")
    assert past.status_code == 200, past.content
    assert caller.get(f"{URL}/{first.pk}/versions").status_code == 200
    changes = caller.get(f"{URL}/{first.pk}/diff?from={then}").json()["changes"]
    assert "email_norm" not in json.dumps(changes)
    assert "Countess" in json.dumps(changes)
    staff = staff_client(tenant)
    listed = reverse("admin:quickbooks_quickbookscustomer_changelist")
    for address in (
        listed,
        f"{listed}?q=1",
        f"{listed}?q=ada@",
        f"{listed}{first.pk}/change/",
        f"{listed}{first.pk}/history/",
    ):
        assert staff.get(address).status_code == 200, address
    assert ("Countess" in staff.get(f"{listed}?q=ada@ex").content.decode()) == (number == 3)


def test_the_feature_matches_new_customers_where_it_is_on(versions: dict[int, Tenant]) -> None:
    tenant = versions[3]
    with acting(domain="crm", organization=tenant.pk):
        ada = sync_customer_reference(customer=summary(email="ada@example.com"))
        twins = [sync_customer_reference(customer=summary(email="twin@example.com")) for _ in range(2)]
        assert (
            record_quickbooks_customer(external_id="1", display_name="A", email="ada@example.com").customer_id
            is None
        )
        assert not feature_is_on(FEATURE)
    assert len(twins) == 2
    switch(tenant, True)
    with acting(domain="crm", organization=tenant.pk):
        assert feature_is_on(FEATURE)
        matched = record_quickbooks_customer(external_id="2", display_name="A", email="ADA@example.com")
        assert matched.customer_id == ada.customer_id
        for email in ("twin@example.com", "nobody@example.com", ""):
            other = record_quickbooks_customer(external_id=f"x{email}", display_name="X", email=email)
            assert other.customer_id is None, email
    with acting(domain="crm", organization=versions[2].pk):
        assert not feature_is_on(FEATURE), "another tenant's"
    switch(tenant, False)
    with acting(domain="crm", organization=tenant.pk):
        assert (
            record_quickbooks_customer(external_id="3", display_name="A", email="ada@example.com").customer_id
            is None
        )


def test_asking_costs_a_request_nothing(versions: dict[int, Tenant]) -> None:
    with acting(domain="crm", organization=versions[3].pk):
        feature_is_on(FEATURE)
        with CaptureQueriesContext(connection) as captured:
            assert not feature_is_on(FEATURE)
            assert standing().schema_version == 3
        assert len(captured) == 0


def test_a_feature_is_asked_for_by_its_name_and_within_a_unit() -> None:
    with pytest.raises(UnknownFeatureError, match="There is no feature 'quikbooks'"):
        get_feature("quikbooks")
    with pytest.raises(TenantMissingError, match="Ask within a unit of work"):
        feature_is_on(FEATURE)


def test_later_fields_are_fields_of_a_version_that_there_is() -> None:
    for name, version in QuickbooksCustomer.fields_since.items():
        assert QuickbooksCustomer._meta.get_field(name)
        assert 1 < version <= 3


def test_the_new_index_answers_under_row_level_security(versions: dict[int, Tenant]) -> None:
    tenant = versions[3]
    with acting(domain="crm", organization=tenant.pk):
        QuickbooksCustomer.objects.bulk_create(
            [
                QuickbooksCustomer(external_id=str(n), display_name="X", email=f"{n}@example.com")
                for n in range(3000)
            ]
        )
    with connection_as(None) as superuser:
        superuser.execute(f"ANALYZE {tenant_schema_name(tenant.pk)}.integration_quickbooks_customers")
    with acting(domain="crm", organization=tenant.pk):
        plan = QuickbooksCustomer.objects.filter(email_norm="77@example.com").explain()
    assert "quickbooks_customers_email" in plan


@pytest.mark.parametrize("number", [2, 3])
def test_the_backfill_matches_those_who_were_there_before(versions: dict[int, Tenant], number: int) -> None:
    tenant = versions[number]
    backfill = find_backfill("quickbooks_customer_matches")
    assert backfill is not None
    with acting(domain="crm", organization=tenant.pk):
        references = [sync_customer_reference(customer=summary(email=f"c{n}@example.com")) for n in range(5)]
        sync_customer_reference(customer=summary(email="c4@example.com"))  # a second one: no guess
        for n in range(7):
            record_quickbooks_customer(external_id=str(n), display_name="X", email=f"C{n}@example.com")
    run = BackfillRun(backfill, tenant, size=3, pause=0)
    assert run.remaining() == 7
    done = run.run()
    assert (done.looked_at, done.filled) == (7, 4)
    assert run.remaining() == 0
    with acting(domain="crm", organization=tenant.pk):
        rows = QuickbooksCustomer.objects.order_by("external_id")
        wanted = [r.customer_id for r in references[:4]] + [None] * 3
        assert [row.customer_id for row in rows] == wanted
        assert [row.version for row in rows] == [2] * 4 + [1] * 3
        last = rows[0].history.first()
        assert (last.history_change_reason, last.history_actor_name) == (f"backfill {backfill.name}",) * 2
    run.start_over()
    assert run.remaining() == 3, "who is matched is left out"


def test_a_field_that_is_not_there_yet_is_neither_read_nor_inserted(
    versions: dict[int, Tenant], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any field, not only a generated one: here one that is there in truth, so that asking for it would succeed."""
    monkeypatch.setattr(QuickbooksCustomer, "fields_since", {"last_synced_at": 99})
    now = timezone.now()
    with acting(domain="crm", organization=versions[3].pk), CaptureQueriesContext(connection) as captured:
        row = QuickbooksCustomer.objects.create(external_id="1", display_name="X", last_synced_at=now)
        QuickbooksCustomer.objects.bulk_create(
            [QuickbooksCustomer(external_id=f"b{n}", display_name="X", last_synced_at=now) for n in range(2)]
        )
        found = QuickbooksCustomer.objects.get(pk=row.pk)
        versions_of = list(found.history.all())
        past = list(QuickbooksCustomer.objects.as_of(timezone.now()).values_list("last_synced_at"))
        assert "last_synced_at" not in [field.name for field in told_fields(QuickbooksCustomer)]
    assert found.get_deferred_fields() == {"last_synced_at"}
    assert versions_of[0].get_deferred_fields() == {"last_synced_at"}
    assert past == [(None,)] * 3
    own = [
        q["sql"] for q in captured if "integration_quickbooks" in q["sql"] and not q["sql"].startswith("WITH")
    ]
    assert own
    assert not any("last_synced_at" in statement for statement in own)
