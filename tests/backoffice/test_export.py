"""Exports of lists: what is in the files, and how they travel."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.models import CustomField, Deal
from shared.backoffice import export
from shared.session import acting
from shared.session.facts import current
from shared.tenancy.models import Tenant
from tests.bases.custom_fields import make_definition
from tests.bases.staff import staff_client
from tests.crm.factories import make_deal, make_pipeline

LIST = "admin:crm_deal_changelist"


def made(tenant: Tenant, count: int = 1, **fields: Any) -> list[Deal]:
    with acting(domain="crm", organization=tenant.id):
        pipeline = make_pipeline()
        return [make_deal(pipeline, **fields) for _ in range(count)]


def exported(client: Any, action: str, *, query: str = "", selected: Any = (), across: bool = True) -> Any:
    chosen = [str(pk) for pk in selected] or ["x"]
    return client.post(
        reverse(LIST) + query,
        {"action": action, "_selected_action": chosen, "select_across": "1" if across else "0"},
    )


def text_of(answer: Any) -> str:
    assert answer.streaming, answer.content.decode()[-500:]
    return b"".join(answer.streaming_content).decode()


def rows_of(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text_of(answer).removeprefix("\ufeff"))))


@pytest.fixture
def fields(tenant: Tenant) -> None:
    with acting(domain="crm", organization=tenant.id):
        make_definition(CustomField, "deal", "choices", key="sizes")
        make_definition(CustomField, "deal", "boolean", key="fast")
        make_definition(CustomField, "deal", key="pay", visibility="staff")
        make_definition(CustomField, "deal", key="machine", visibility="api")


CUSTOM = {"sizes": ["s", "l"], "fast": False, "pay": "much", "machine": "m"}


@pytest.mark.usefixtures("fields")
def test_custom_fields_are_columns(tenant: Tenant) -> None:
    (deal,) = made(tenant, name="Ten looms, ä", custom_fields=CUSTOM)
    client = staff_client(tenant)
    answer = exported(client, "export_csv", selected=[deal.pk], across=False)
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="deals-')
    (row,) = rows_of(answer)
    assert row["name"] == "Ten looms, ä"
    assert (row["id"], row["amount"], row["pipeline_id"]) == (str(deal.pk), "1200.00", str(deal.pipeline_id))
    assert {n: row[f"custom_fields.{n}"] for n in ("sizes", "fast", "pay")} == {
        "sizes": "s;l",
        "fast": "false",
        "pay": "much",
    }
    assert not {"custom_fields.machine", "organization_id", "name_norm", "deleted_at"} & row.keys()
    line = json.loads(text_of(exported(client, "export_jsonl", selected=[deal.pk], across=False)))
    assert line["custom_fields"] == {n: CUSTOM[n] for n in ("sizes", "fast", "pay")}
    assert (line["name"], line["amount"], line["company_id"]) == ("Ten looms, ä", "1200.00", None)


def test_the_selection_or_what_the_filters_leave(tenant: Tenant) -> None:
    deals = made(tenant, 3)
    with acting(domain="crm", organization=tenant.id):
        deals[0].soft_delete()
        Deal.objects.filter(pk=deals[1].pk).update(currency="USD")
    client = staff_client(tenant)
    assert [row["id"] for row in rows_of(exported(client, "export_csv"))] == [
        str(deal.pk) for deal in (deals[2], deals[1])
    ]
    chosen = exported(client, "export_csv", selected=[deals[1].pk], across=False)
    assert [row["id"] for row in rows_of(chosen)] == [str(deals[1].pk)]
    deleted = exported(client, "export_csv", query="?deleted=yes")
    assert [row["id"] for row in rows_of(deleted)] == [str(deals[0].pk)]


def test_a_cell_is_no_formula(tenant: Tenant) -> None:
    made(tenant, name="=HYPERLINK(1)", company_name="-5")
    (row,) = rows_of(exported(staff_client(tenant), "export_csv"))
    assert (row["name"], row["company_name"]) == ("'=HYPERLINK(1)", "-5")


def test_too_many_are_refused_in_one_sentence(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "LIMIT", 2)
    made(tenant, 3)
    answer = exported(staff_client(tenant), "export_csv")
    assert answer.status_code == 302
    assert "more than 2 records" in str(next(iter(get_messages(answer.wsgi_request))))


def test_batches_are_read_as_the_answer_travels_each_in_a_unit(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_BATCH", 2)
    deals = made(tenant, 5)
    answer = exported(staff_client(tenant), "export_csv")
    with acting(domain="crm", organization=tenant.id):
        deals[0].delete()  # read last, as the oldest
    with CaptureQueriesContext(connection) as captured:
        parts = [next(answer.streaming_content), next(answer.streaming_content)]
        assert current() is None, "nothing is open while the answer travels"
        before = len([q for q in captured if 'FROM "crm"."deals"' in q["sql"]])
        parts += answer.streaming_content
    assert before == 1
    assert len(rows_of(type("Answer", (), {"streaming": True, "streaming_content": parts}))) == 4
    assert len([q for q in captured if 'FROM "crm"."deals"' in q["sql"]]) == 3
