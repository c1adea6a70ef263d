"""Export, holds and retention reach every database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installations import Installation, installation

FILL = """
import django; django.setup()
from django.utils import timezone
from shared.session import acting, operating
from shared.tenancy.models import Tenant
from tests.support.factories import make_reference, make_ticket
from support.models import Ticket
with operating(reason="test", domain="support"):
    tenant = Tenant.objects.get(slug="acme")
with acting(domain="support", organization=tenant.pk):
    ada = make_reference(email="ada@example.com")
    for number in range(3):
        make_ticket(subject=f"Ticket {number}")
    first = Ticket.objects.order_by("number").first()
    Ticket.objects.update(status="closed", closed_at="2020-01-01T00:00Z", resolved_at="2020-01-01T00:00Z")
    Ticket.objects.filter(pk=first.pk).update(customer=ada)
print(ada.pk)
"""


@pytest.fixture(scope="module")
def split() -> Iterator[Installation]:
    with installation("platform", "support", "crm", "marketing", copied=True) as made:
        made.must("provision")
        made.must("create_tenant", "Acme", "--slug", "acme")
        yield made


def test_each_database_is_exported_and_kept_in_order(split: Installation, tmp_path: Path) -> None:
    customer = split.must("shell", "--no-imports", "-c", FILL).split()[-1]
    split.must("legal_hold", "acme", "customer", customer, "--reason", "Case 4711")
    split.must("retention", "acme", "support.ticket", "--days", "90")
    assert "acme: support.ticket: hide 90 days after closed_at: 2 reached, 1 held" in split.must(
        "apply_retention"
    )

    folder = tmp_path / "tenant"
    split.must("export_tenant", "acme", "--to", str(folder))
    manifest = json.loads((folder / "manifest.json").read_text())
    rows = {table["table"]: table["rows"] for table in manifest["tables"]}
    assert len(manifest["databases"]) == 4
    assert rows["support_app.tickets"] == 3
    assert rows["shared.tenants"] == 1
    assert "shared.tenants@support" not in rows, "copies are left out"
    assert rows["shared.legal_holds"] == rows["shared.legal_holds@support"] == 1
    assert rows["shared.activity_events@support"] >= 6
    assert "is as it was exported" in split.must("export_tenant", "--verify", str(folder))

    folder = tmp_path / "person"
    split.must("export_person", "ada@example.com", "--tenant", "acme", "--to", str(folder))
    tickets = (folder / "support_app.tickets.jsonl").read_text().splitlines()
    assert [json.loads(line)["subject"] for line in tickets] == ["Ticket 0"]
    refused = split.manage("export_tenant", "acme", "--to", str(tmp_path / "web"), TRELLIS_PROCESS="web")
    assert refused.returncode == 1
    assert "permission denied" in refused.stderr
    assert "Traceback" not in refused.stderr
