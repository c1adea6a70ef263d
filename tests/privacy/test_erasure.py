"""Erasure: a marker in every text and JSON column of a person is nowhere afterwards, and the log still proves itself."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.contrib.postgres.fields import ArrayField
from django.core.management import CommandError, call_command
from django.db import models
from psycopg import sql

from platform_core.models import Customer, CustomerInteraction
from platform_core.services.customer import create_customer
from shared.domains.access import access_of
from shared.privacy.erasure import blanks_of
from shared.privacy.holds import place_hold
from shared.privacy.people import held_tables
from shared.records.activity.sealing import seal_activity
from shared.records.activity.verifying import verify_activity
from shared.session import acting, operating
from shared.tenancy.models import Tenant
from support.models import Ticket
from tests.conftest import connection_as
from tests.crm.factories import make_deal
from tests.crm.factories import make_reference as crm_reference
from tests.servers import SEED
from tests.support.factories import make_message, make_note, make_reference, make_ticket

MARKER = "Erase-Marker-5d21"
FOREIGN = "Stranger-Marker-77e0"


@pytest.fixture(autouse=True)
def owner(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    monkeypatch.setenv("LOGIN_PASSWORD_SEED", SEED)
    settings.ACTIVITY_HEADS_DIR = str(tmp_path / "heads")


@pytest.fixture
def tenant(worker_login: Callable[[str], Tenant]) -> Tenant:
    return worker_login("Erasing")


def fill(tenant: Tenant, name: str) -> Any:
    """A customer with rows in every app, some of which only an e-mail leads to."""
    email = f"{name.lower()}@example.com"
    with acting(domain="platform", organization=tenant.pk):
        customer = create_customer(email=email, name=name)
        CustomerInteraction.objects.create(
            customer=customer,
            occurred_at=customer.created_at,
            interaction_type="note",
            metadata={"said": name},
        )
    with acting(domain="support", organization=tenant.pk):
        mine = make_ticket(subject=f"Mine, {name}")
        reference = make_reference(id=customer.pk, email=email, name=name)
        Ticket.objects.filter(pk=mine.pk).update(customer=reference)
        make_message(ticket=mine, body=f"Message, {name}")
        make_note(ticket=mine, body=f"Note, {name}")
        by_mail = make_ticket(subject=f"By mail, {name}")
        Ticket.objects.filter(pk=by_mail.pk).update(requester_email=email.upper())
    with acting(domain="crm", organization=tenant.pk):
        make_deal(name=f"Deal, {name}", customer=crm_reference(id=customer.pk, email=email, name=name))
    return customer


def plant(tenant: Tenant) -> set[str]:
    """The marker in every text and JSON column that a person's rows have, but for e-mails, which have it already: they
    lead to the rows. Returns the columns whose rules keep such words out."""
    refused = set()
    with connection_as(None) as superuser:
        for model in held_tables():
            if '"' not in model._meta.db_table or access_of(model).derived:
                continue  # in a tenant's own schema, which this one has not; or written by triggers
            for column in model._meta.local_concrete_fields:
                if column.column not in blanks_of(model) or isinstance(column, models.EmailField):
                    continue
                statement = sql.SQL("UPDATE {} SET {} = {} WHERE organization_id = %s").format(
                    sql.Identifier(*model._meta.db_table.split('"."')),
                    sql.Identifier(column.column),
                    sql.SQL(_word(column)),
                )
                try:
                    with superuser.transaction():
                        superuser.execute(statement, [tenant.pk])
                except (psycopg.errors.CheckViolation, psycopg.errors.StringDataRightTruncation):
                    refused.add(f"{model._meta.label}.{column.column}")
    return refused


def _word(column: Any) -> str:
    match column:
        case models.JSONField():
            return f"""jsonb_build_object('{MARKER}', '{MARKER}')"""
        case ArrayField():
            return f"ARRAY['{MARKER}']"
    return f"'{MARKER}' || right(id::text, 4)"


def places_of(word: str) -> list[str]:
    """The tables of the database that hold a word in any column, as a full dump would."""
    found = []
    with connection_as(None) as superuser:
        tables = superuser.execute(
            "SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, name in tables:
            query = sql.SQL("SELECT count(*) FROM {} t WHERE t::text ILIKE %s").format(
                sql.Identifier(str(schema), str(name))
            )
            row = superuser.execute(query, [f"%{word}%"]).fetchone()
            if row and row[0]:
                found.append(f"{schema}.{name}")
    return sorted(found)


def test_nothing_of_a_person_is_left_anywhere(tenant: Tenant, capsys: pytest.CaptureFixture[str]) -> None:
    customer = fill(tenant, MARKER)
    assert plant(tenant) == {"platform_core.Customer.phone"}, "numbers alone"
    stranger = fill(tenant, FOREIGN)
    with acting(domain="platform", organization=tenant.pk):
        stranger_before = Customer.objects.filter(pk=stranger.pk).values().get()
    others = places_of(FOREIGN)
    with operating(reason="test"):
        seal_activity()
        seal_activity()
    assert len(places_of(MARKER)) > 12
    call_command("erase_person", str(customer.pk), "--tenant", tenant.slug, "--reason", "asked for")
    assert "Nothing was changed" in capsys.readouterr().out
    assert len(places_of(MARKER)) > 12
    call_command("erase_person", str(customer.pk), "--tenant", tenant.slug, "--reason", "asked for", "--yes")
    assert "Erased" in capsys.readouterr().out
    assert places_of(MARKER) == []
    assert places_of(FOREIGN) == others
    with acting(domain="platform", organization=tenant.pk):
        assert not Customer.objects.filter(pk=customer.pk).exists()
        assert Customer.objects.filter(pk=stranger.pk).values().get() == stranger_before
    with acting(domain="support", organization=tenant.pk):
        assert Ticket.objects.count() == 4, "that there were tickets stays"
    with operating(reason="test"):
        seal_activity()
        seal_activity()
        found = verify_activity(["platform", "support", "crm", "marketing"])
    assert found.faults == []
    call_command("verify_history")
    call_command("erase_person", str(customer.pk), "--tenant", tenant.slug, "--reason", "again", "--yes")


def test_what_is_held_is_not_erased(tenant: Tenant) -> None:
    customer = fill(tenant, "Held-" + MARKER)
    place_hold(tenant=tenant, entity="customer", record_id=customer.pk, reason="Case 7")
    with pytest.raises(CommandError, match="Case 7"):
        call_command("erase_person", str(customer.pk), "--tenant", tenant.slug, "--reason", "x", "--yes")
    with acting(domain="platform", organization=tenant.pk):
        assert Customer.objects.filter(pk=customer.pk).exists()


def test_who_is_not_known(tenant: Tenant, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--tenant", tenant.slug, "--reason", "x", "--yes")
    with pytest.raises(CommandError, match="no customer"):
        call_command("erase_person", "01990000-0000-7000-8000-000000000000", *options)
    call_command("erase_person", "nobody@example.com", *options)
    assert "Nothing is held" in capsys.readouterr().out


def test_only_the_owner_may_blank_and_nobody_may_forge() -> None:
    call = "SELECT shared.erase_versions('platform', 'customers_history', gen_random_uuid(), '{}', '{}')"
    assert "LOGIN_PASSWORD_SEED" in os.environ
    for login in ("trellis_web", "trellis_worker"):
        with connection_as(login) as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute(call)
    with connection_as("trellis_migrator") as session:
        session.execute("SET ROLE trellis_owner")
        session.execute(call)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no version table"):
            session.execute(call.replace("customers_history", "customers"))
