"""What versions promise beyond one write: several in a transaction, coming back, cascades, faults that are found."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.db import connection, transaction

from platform_core.models import Company, Customer
from shared.events.telling import TELLING
from shared.records.versions.upkeep import begin, read_memory
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.bases.history import assert_they_tile, entries_of, replayed, versions_of
from tests.conftest import connection_as
from tests.servers import ROOT


@pytest.fixture
def unit(tenant: Tenant) -> Iterator[Tenant]:
    with acting(domain="platform", organization=tenant.id):
        yield tenant


def test_several_changes_in_one_transaction_keep_all_versions_in_order(unit: Tenant) -> None:
    company = Company.objects.create(name="One")
    for name in ("Two", "Three", "Four"):
        company.name = name
        company.save()
    versions = versions_of(company)
    assert [v.name for v in versions] == ["One", "Two", "Three", "Four"]
    assert_they_tile(versions)
    assert [e.changes.get("name") for e in entries_of(company)] == [
        [None, "One"], ["One", "Two"], ["Two", "Three"], ["Three", "Four"],
    ]  # fmt: skip


def test_what_is_rolled_back_leaves_nothing(unit: Tenant) -> None:
    company = Company.objects.create(name="Stays")
    with transaction.atomic():
        Company.objects.filter(pk=company.pk).update(name="Goes")
        transaction.set_rollback(True)
    assert [v.name for v in versions_of(company)] == ["Stays"]
    assert entries_of(company).count() == 1


def test_a_removed_record_that_comes_back_goes_on_counting(unit: Tenant) -> None:
    company = Company.objects.create(name="Phoenix")
    Company.all_objects.filter(pk=company.pk)._raw_delete(using="default")
    gone = versions_of(company)[-1]
    assert (gone.history_type, gone.version) == ("-", 2)
    with pytest.raises(Exception, match="begins with version 1"), transaction.atomic():
        Company(id=company.pk, name="Phoenix", version=7).save(force_insert=True)
    Company(id=company.pk, name="Phoenix", version=3).save(force_insert=True)
    versions = versions_of(company)
    assert [v.history_type for v in versions] == ["+", "-", "+"]
    assert_they_tile(versions)
    assert replayed(company)["name"] == "Phoenix"


def test_bulk_writes_and_upserts_leave_versions(unit: Tenant) -> None:
    companies = Company.objects.bulk_create([Company(name=f"Bulk {n}") for n in range(50)])
    Company.objects.filter(name__startswith="Bulk").update(industry="trade")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO platform.companies (id, organization_id, name, domain, industry, phone, country) "
            "SELECT id, organization_id, name, domain, 'upsert', phone, country FROM platform.companies "
            "WHERE organization_id = %s ON CONFLICT (id) DO UPDATE SET industry = excluded.industry",
            [unit.id],
        )
    for company in companies:
        versions = versions_of(company)
        assert [v.industry for v in versions] == ["", "trade", "upsert"]
        assert_they_tile(versions)


def test_an_identifier_never_changes(unit: Tenant) -> None:
    company = Company.objects.create(name="Fixed")
    with pytest.raises(Exception, match="do not continue their last version"), transaction.atomic():
        Company.objects.filter(pk=company.pk).update(id="01990000-0000-7000-8000-000000000001")


def test_a_write_by_psql_names_the_login(committed: Callable[[str], Tenant]) -> None:
    tenant = committed("Psql")
    with acting(domain="platform", organization=tenant.id):
        customer = Customer.objects.create(email="psql@example.com", name="Before")
    with connection_as("trellis_web", autocommit=False) as session:
        session.execute(
            "SELECT set_config('role', 'trellis_platform', true), set_config('app.organization_id', %s, true)",
            [str(tenant.id)],
        )
        session.execute("UPDATE platform.customers SET name = 'After' WHERE id = %s", [customer.pk])
        session.commit()
    with acting(domain="platform", organization=tenant.id):
        last = versions_of(customer)[-1]
        entry = entries_of(customer).last()
    assert (last.name, last.history_actor_kind, last.history_actor_name) == (
        "After",
        "database",
        "trellis_web",
    )
    assert entry.changes["name"] == ["Before", "After"]


def test_quiet_fields_make_versions_and_no_entry(
    committed: Callable[[str], Tenant], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a transaction of the owner's that is taken back, since no model has such fields now."""
    tenant = committed("Quiet")
    with acting(domain="platform", organization=tenant.id):
        company = Company.objects.create(name="Before")
    monkeypatch.setattr(Company, "quiet_fields", ("phone",))
    counts = (
        "SELECT (SELECT count(*) FROM platform.companies_history WHERE id = %(id)s), "
        "(SELECT count(*) FROM shared.activity_events WHERE entity_id = %(id)s)"
    )
    with connection_as("trellis_migrator", autocommit=False) as session, session.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE trellis_owner")
        memory = read_memory(cursor, "platform", "companies", Company)
        assert memory is not None
        begin(cursor, memory)
        for change, found in (("phone = '1'", (2, 1)), ("phone = '2', industry = 'trade'", (3, 2))):
            cursor.execute(f"UPDATE platform.companies SET {change} WHERE id = %s".encode(), [company.pk])
            cursor.execute(counts.encode(), {"id": company.pk})
            assert cursor.fetchone() == found
        cursor.execute(
            "SELECT changes FROM shared.activity_events WHERE entity_id = %s ORDER BY position DESC",
            [company.pk],
        )
        assert cursor.fetchone() == ({"industry": ["", "trade"]},)
        session.rollback()


@pytest.mark.parametrize("login", ["trellis_web", "trellis_worker", "trellis_migrator"])
def test_no_login_evades_the_triggers(committed: Callable[[str], Tenant], login: str) -> None:
    with connection_as(login) as session:
        if login == "trellis_migrator":
            session.execute("SET ROLE trellis_owner")
        for statement in (
            "SET session_replication_role = replica",
            "SET ROLE trellis_history",
            "TRUNCATE platform.companies CASCADE",
            "TRUNCATE platform.companies_history",
            "TRUNCATE shared.activity_events",
            "UPDATE platform.companies_history SET name = 'x'",
            "DELETE FROM shared.activity_events",
            "DELETE FROM shared.activity_events_default",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute(statement.encode())


def test_verify_history_names_what_is_not_so(worker_login: Callable[[str], Tenant]) -> None:
    tenant = worker_login("Verified")
    with acting(domain="platform", organization=tenant.id):
        company = Company.objects.create(name="Honest")
    done = verify()
    assert done.returncode == 0, done.stdout + done.stderr
    with connection_as(None) as superuser:
        superuser.execute("ALTER TABLE platform.companies DISABLE TRIGGER USER")
        superuser.execute(
            """UPDATE platform.companies SET name = 'Forged', custom_fields = '{"size": 1}' WHERE id = %s""",
            [company.pk],
        )
        try:
            done = verify()
            assert done.returncode == 1
            assert f"{company.pk}: the record is not what its newest version says" in done.stdout
            assert f"{company.pk}: its custom fields are indexed as something else" in done.stdout
        finally:
            superuser.execute(
                "UPDATE platform.companies SET name = 'Honest', custom_fields = '{}' WHERE id = %s",
                [company.pk],
            )
            for name in (
                "touch_record",
                "remember_insert",
                "remember_update",
                "remember_delete",
                "refuse_truncate",
                *TELLING,
            ):
                superuser.execute(f"ALTER TABLE platform.companies ENABLE ALWAYS TRIGGER {name}".encode())


def verify() -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "verify_history", "platform"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "TRELLIS_PROCESS"},
        capture_output=True,
        text=True,
    )
