"""An import is taken back as a whole, its interactions too, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from platform_core.models import Company, Customer, CustomerInteraction, CustomerProfile, ImportBatch
from platform_core.services.import_batch import UndoneImport, undo_import
from platform_core.services.interaction import record_interaction
from shared.errors import Conflict, NotFound
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.bases.staff import staff_client
from tests.platform_core import factories
from tests.platform_core.imports.files import fingerprint, run
from tests.platform_core.imports.test_mapped import ORDERS, PEOPLE

BOUGHT = (
    '{"customer": 7, "email": "ada@example.com", "at": "2024-05-01", "total": 12.5, "order": "A1"}\n'
    '{"customer": 7, "at": "2024-06-02", "total": "3.10", "order": "A2"}\n'
    '{"customer": 8, "email": "old@example.com", "at": "2024-05-02", "total": 1, "order": "A3"}\n'
)


@pytest.fixture
def old(tenant: Tenant) -> Customer:
    with acting(domain="platform", organization=tenant.id):
        return factories.make_customer(email="old@example.com", name="Old", phone="")


@pytest.fixture
def batch(tenant: Tenant, old: Customer, tmp_path: Path) -> ImportBatch:
    return imported(tenant, tmp_path / "orders.jsonl", BOUGHT, ORDERS)


def imported(tenant: Tenant, path: Path, text: str, mapping: dict[str, Any]) -> ImportBatch:
    path.write_text(text)
    run(path, tenant, mapping=mapping)
    with acting(domain="platform", organization=tenant.id):
        return ImportBatch.objects.get(file_name=path.name)


def undo(batch: ImportBatch, tenant: Tenant) -> UndoneImport:
    with acting(domain="platform", organization=tenant.id, request_id="undo-of-import"):
        return undo_import(batch)


def test_what_it_brought_is_gone_and_what_it_changed_is_as_it_was(
    tenant: Tenant, old: Customer, batch: ImportBatch
) -> None:
    assert undo(batch, tenant).interactions == 3
    with acting(domain="platform", organization=tenant.id):
        assert list(Customer.objects.all()) == [old]
        assert not CustomerInteraction.objects.exists()
        assert [p.interaction_count for p in CustomerProfile.objects.filter(customer=old)] == [0]
        batch.refresh_from_db()
        assert (batch.interactions_removed, batch.undone_at is not None) == (3, True)
        assert batch.history.first().history_request_id == "undo-of-import"
    with pytest.raises(NotFound):
        undo(batch, tenant)


def test_it_can_be_imported_and_taken_back_again(
    tenant: Tenant, old: Customer, batch: ImportBatch, tmp_path: Path
) -> None:
    undo(batch, tenant)
    again = imported(tenant, tmp_path / "orders.jsonl", BOUGHT, ORDERS)
    assert (again.pk, again.undone_at) == (batch.pk, None)
    with acting(domain="platform", organization=tenant.id):
        assert CustomerInteraction.objects.filter(import_batch_id=batch.pk).count() == 3
    assert undo(again, tenant).interactions == 3
    with acting(domain="platform", organization=tenant.id):
        assert list(Customer.objects.all()) == [old]


def test_other_interactions_of_customers_who_stay_are_kept(
    tenant: Tenant, old: Customer, batch: ImportBatch
) -> None:
    with acting(domain="platform", organization=tenant.id):
        kept = record_interaction(customer_id=old.pk, interaction_type="chat", occurred_at=timezone.now())
    undo(batch, tenant)
    with acting(domain="platform", organization=tenant.id):
        assert [i.pk for i in CustomerInteraction.objects.all()] == [kept.pk]


@pytest.mark.parametrize("way", ["recorded", "imported", "edited"])
def test_what_happened_since_with_its_customers_is_a_conflict_and_nothing_is_done(
    tenant: Tenant, batch: ImportBatch, tmp_path: Path, way: str
) -> None:
    with acting(domain="platform", organization=tenant.id):
        ada = Customer.objects.get(email_norm="ada@example.com")
        if way == "recorded":
            record_interaction(customer_id=ada.pk, interaction_type="chat", occurred_at=timezone.now())
        elif way == "edited":
            Customer.objects.filter(pk=ada.pk).update(name="Ada Lovelace")
    if way == "imported":
        more = '{"customer": 7, "at": "2024-07-02", "total": 5, "order": "A9"}\n'
        imported(tenant, tmp_path / "more.jsonl", more, ORDERS)
    before = fingerprint(tenant)
    with pytest.raises(Conflict) as refused:
        undo(batch, tenant)
    (conflict,) = refused.value.extra["conflicts"]
    assert (conflict["id"], conflict["field"]) == (str(ada.pk), "name" if way == "edited" else "interactions")
    assert fingerprint(tenant) == before


def test_an_import_of_people_alone(tenant: Tenant, tmp_path: Path) -> None:
    text = "E-Mail,First,Last,Phone,Company\nada@example.com,Ada,Lovelace,,Acme\n"
    batch = imported(tenant, tmp_path / "people.csv", text, PEOPLE)
    assert undo(batch, tenant).interactions == 0
    with acting(domain="platform", organization=tenant.id):
        assert not Customer.objects.exists()
        assert not Company.objects.exists()


def test_another_tenants_import_is_out_of_reach(
    tenant: Tenant, other_tenant: Tenant, batch: ImportBatch
) -> None:
    with (
        acting(domain="platform", organization=other_tenant.id),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT platform.remove_imported_interactions(%s)", [batch.pk])
        assert cursor.fetchone() == (0,)
    with acting(domain="platform", organization=tenant.id):
        assert CustomerInteraction.objects.count() == 3


def test_the_action_tells_what_was_done_or_what_stands_against_it(
    tenant: Tenant, old: Customer, batch: ImportBatch
) -> None:
    person = staff_client(tenant)
    chosen = {"action": "undo_imports", "_selected_action": [str(batch.pk)]}
    with acting(domain="platform", organization=tenant.id):
        ada = Customer.objects.get(email_norm="ada@example.com")
        Customer.objects.filter(pk=ada.pk).update(name="Ada Lovelace")
    page = person.post("/admin/platform_core/importbatch/", chosen, follow=True).content.decode()
    assert "nothing was undone" in page
    assert "name (now Ada Lovelace)" in page
    with acting(domain="platform", organization=tenant.id):
        Customer.objects.filter(pk=ada.pk).update(name="")
    page = person.post("/admin/platform_core/importbatch/", chosen, follow=True).content.decode()
    assert "3 interactions are gone" in page
