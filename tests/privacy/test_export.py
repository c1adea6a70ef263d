"""An export is whole, of one moment and of one tenant; of a person it has all that leads to them and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from platform_core.services.customer import create_customer
from shared.privacy.snapshot import snapshot
from shared.session import acting
from shared.tenancy.models import Tenant
from shared.tenancy.services import issue_api_key
from support.models import Ticket
from tests.conftest import connection_as
from tests.crm.factories import make_deal
from tests.crm.factories import make_reference as crm_reference
from tests.support.factories import make_message, make_note, make_reference, make_ticket

MARKER = "Ada-Marker-7f3a"
FOREIGN = "Stranger-Marker-91bc"


@pytest.fixture
def tenant(worker_login: Callable[[str], Tenant]) -> Tenant:
    return worker_login("Acme")


def fill(tenant: Tenant, name: str) -> Any:
    """A customer with rows in every app, each of which names them."""
    email = f"{name.lower()}@example.com"
    with acting(domain="platform", organization=tenant.pk):
        customer = create_customer(email=email, name=name)
        issue_api_key(name=f"Key beside {name}")
    with acting(domain="support", organization=tenant.pk):
        ada = make_reference(id=customer.pk, email=email, name=name)
        mine = make_ticket(subject=f"Mine, {name}")
        Ticket.objects.filter(pk=mine.pk).update(customer=ada)
        make_message(ticket=mine, body=f"Message, {name}")
        make_note(ticket=mine, body=f"Note, {name}")
        other = make_ticket(subject=f"By mail, {name}")
        Ticket.objects.filter(pk=other.pk).update(requester_email=email.upper())
    with acting(domain="crm", organization=tenant.pk):
        make_deal(name=f"Deal, {name}", customer=crm_reference(id=customer.pk, email=email, name=name))
    return customer


def read(folder: Path) -> dict[str, list[dict[str, Any]]]:
    return {
        path.name.removesuffix(".jsonl"): [json.loads(line) for line in path.read_text().splitlines()]
        for path in folder.glob("*.jsonl")
    }


def test_a_tenant_is_exported_whole_and_alone(
    tenant: Tenant, worker_login: Callable[[str], Tenant], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = worker_login("Umbrella")
    fill(tenant, MARKER)
    fill(other, FOREIGN)
    folder = tmp_path / "export"
    call_command("export_tenant", tenant.slug, "--to", str(folder))
    assert "rows of" in capsys.readouterr().out
    rows = read(folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["tenant"]["slug"] == tenant.slug
    assert {t["table"]: t["rows"] for t in manifest["tables"]} == {
        name: len(found) for name, found in rows.items()
    }
    assert manifest["databases"][0]["migrations"]["support_app"][0] == "support.0001_initial"
    for table, number in (
        ("platform.customers", 1), ("support_app.tickets", 2), ("support_app.tickets_history", 4), ("crm.deals", 1),
        ("shared.tenants", 1), ("shared.api_keys", 1),
    ):  # fmt: skip
        assert len(rows[table]) == number, table
    with connection_as(None) as superuser:
        for table, found in rows.items():
            column = (
                "id"
                if table == "shared.tenants"
                else "tenant_id"
                if table == "shared.tenant_domains"
                else "organization_id"
            )
            counted = superuser.execute(
                f"SELECT count(*) FROM {table} WHERE {column} = %s",  # type: ignore[arg-type]
                [tenant.pk],
            ).fetchone()
            assert counted == (len(found),), table
    text = "".join(path.read_text() for path in folder.iterdir())
    assert FOREIGN not in text
    assert '"digest"' not in text, "secrets stay"
    assert (folder.stat().st_mode & 0o777, (folder / "manifest.json").stat().st_mode & 0o777) == (
        0o700,
        0o600,
    )
    call_command("export_tenant", "--verify", str(folder))
    assert "is as it was exported" in capsys.readouterr().out


def test_a_person_is_exported_with_all_that_leads_to_them(
    tenant: Tenant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    customer = fill(tenant, MARKER)
    fill(tenant, FOREIGN)
    for number, said in enumerate((customer.email.upper(), str(customer.pk))):
        folder = tmp_path / str(number)
        call_command("export_person", said, "--tenant", tenant.slug, "--to", str(folder))
        rows = read(folder)
        assert FOREIGN not in json.dumps(rows)
        assert {row["subject"] for row in rows["support_app.tickets"]} == {
            f"Mine, {MARKER}",
            f"By mail, {MARKER}",
        }
        for table in (
            "platform.customers",
            "support_app.ticket_messages",
            "support_app.ticket_notes",
            "crm.deals",
        ):
            assert len(rows[table]) == 1, table
            assert MARKER in json.dumps(rows[table]), table
        assert len(rows["support_app.tickets_history"]) == 2, "those versions that tell of the person"
        assert {row["entity_type"] for row in rows["shared.activity_events"]} >= {
            "support.ticket",
            "crm.deal",
        }
        call_command("export_person", "--verify", str(folder))
    capsys.readouterr()
    nobody = tmp_path / "nobody"
    call_command("export_person", "nobody@example.com", "--tenant", tenant.slug, "--to", str(nobody))
    assert "✓ 0 rows" in capsys.readouterr().out


def test_what_is_written_meanwhile_is_not_seen(tenant: Tenant) -> None:
    with acting(domain="support", organization=tenant.pk):
        make_ticket()
    with snapshot("default", tenant.pk) as view:
        values = [tenant.pk]
        assert len(list(view.lines(Ticket, "organization_id = %s", values))) == 1
        with acting(domain="support", organization=tenant.pk):
            make_ticket()
        assert len(list(view.lines(Ticket, "organization_id = %s", values))) == 1


def test_an_altered_export_is_found(tenant: Tenant, tmp_path: Path) -> None:
    fill(tenant, MARKER)
    folder = tmp_path / "export"
    call_command("export_tenant", tenant.slug, "--to", str(folder))
    tickets, deals = folder / "support_app.tickets.jsonl", folder / "crm.deals.jsonl"
    tickets.write_text(tickets.read_text().replace("Mine", "Nine"))
    deals.unlink()
    (folder / "more.jsonl").write_text("{}")
    with pytest.raises(CommandError) as refused:
        call_command("export_tenant", "--verify", str(folder))
    for part in (
        "support_app.tickets.jsonl was altered",
        "crm.deals.jsonl is missing",
        "more.jsonl is not in the manifest",
    ):
        assert part in str(refused.value)
    (folder / "manifest.json").write_text("{")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("export_tenant", "--verify", str(folder))
    (folder / "manifest.json").unlink()
    with pytest.raises(CommandError, match=r"has no manifest\.json: the export was cut off"):
        call_command("export_tenant", "--verify", str(folder))


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["export_tenant", "nobody", "--to", "{1}/new"], "There is no tenant 'nobody'"),
        (["export_tenant", "--to", "{1}/new"], "Name the tenant"),
        (["export_tenant", "{0}", "--to", "{1}"], "is not an empty folder"),
        (["export_person", "ada@example.com", "--to", "{1}/new"], "Name customer and tenant"),
        (
            ["export_person", "01a1fdae-361c-7294-aefa-06f95e9b4453", "--tenant", "{0}", "--to", "{1}/new"],
            "has no customer",
        ),
    ],
)
def test_what_cannot_be_exported_is_said_in_a_sentence(
    tenant: Tenant, tmp_path: Path, command: list[str], sentence: str
) -> None:
    (tmp_path / "full").touch()
    with pytest.raises(CommandError, match=sentence):
        call_command(*(word.format(tenant.slug, tmp_path) for word in command))
