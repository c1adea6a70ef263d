"""Custom fields on a page: each a field of its own kind."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from shared.session import acting
from shared.tenancy.models import Tenant
from support.models import CustomField, Ticket
from tests.bases.custom_fields import make_definition
from tests.bases.staff import read_form, staff_client
from tests.support.factories import make_ticket

ADD = "admin:support_ticket_add"


@pytest.fixture
def fields(tenant: Tenant) -> None:
    with acting(domain="support", organization=tenant.id):
        for type in (
            "text",
            "number",
            "integer",
            "boolean",
            "date",
            "datetime",
            "choice",
            "choices",
            "url",
            "email",
        ):
            make_definition(CustomField, "ticket", type, key=f"a_{type}")
        make_definition(CustomField, "ticket", key="serial", unique=True, visibility="staff")
        make_definition(CustomField, "ticket", key="machine", visibility="api")


TYPED: dict[str, Any] = {
    "custom_fields.a_text": "Words",
    "custom_fields.a_number": "12.50",
    "custom_fields.a_integer": "7",
    "custom_fields.a_boolean": "on",
    "custom_fields.a_date": "2026-12-31",
    "custom_fields.a_datetime_0": "2026-12-31",
    "custom_fields.a_datetime_1": "18:00:00",
    "custom_fields.a_choice": "m",
    "custom_fields.a_choices": ["s", "l"],
    "custom_fields.a_url": "https://example.com",
    "custom_fields.a_email": "ada@example.com",
    "custom_fields.serial": "A-1",
}
STORED = {
    "a_text": "Words",
    "a_number": "12.5",
    "a_integer": 7,
    "a_boolean": True,
    "a_date": "2026-12-31",
    "a_datetime": "2026-12-31T18:00:00Z",
    "a_choice": "m",
    "a_choices": ["s", "l"],
    "a_url": "https://example.com",
    "a_email": "ada@example.com",
    "serial": "A-1",
}


def page(ticket: Ticket) -> str:
    return reverse("admin:support_ticket_change", args=[ticket.pk])


def opened(client: Any, url: str) -> dict[str, Any]:
    return dict(read_form(client.get(url).content.decode(), "ticket_form"))


def stored(tenant: Tenant) -> list[dict[str, Any]]:
    with acting(domain="support", organization=tenant.id):
        return list(Ticket.objects.order_by("created_at").values_list("custom_fields", flat=True))


@pytest.mark.usefixtures("fields")
class TestTicketPage:
    def test_what_is_typed_is_stored_and_shown_again(self, tenant: Tenant) -> None:
        client = staff_client(tenant)
        form = opened(client, reverse(ADD))
        assert "custom_fields.machine" not in form
        answer = client.post(reverse(ADD), {**form, "subject": "Help", "requester_email": "a@b.de", **TYPED})
        assert answer.status_code == 302, answer.context["adminform"].form.errors
        assert stored(tenant) == [STORED]
        with acting(domain="support", organization=tenant.id):
            ticket = Ticket.objects.get()
        again = opened(client, page(ticket))
        assert {name: again[name] for name in TYPED} == {**TYPED, "custom_fields.a_number": "12.5"}
        version = ticket.version
        client.post(page(ticket), again)
        with acting(domain="support", organization=tenant.id):
            ticket.refresh_from_db()
        assert (ticket.version, ticket.custom_fields) == (version, STORED)

    def test_emptying_a_field_removes_its_value_alone(self, tenant: Tenant) -> None:
        with acting(domain="support", organization=tenant.id):
            ticket = make_ticket(custom_fields={"a_text": "x", "a_choices": ["s"], "machine": "m"})
        client = staff_client(tenant)
        form = opened(client, page(ticket))
        del form["custom_fields.a_choices"]
        assert client.post(page(ticket), {**form, "custom_fields.a_text": ""}).status_code == 302
        assert stored(tenant) == [{"machine": "m"}]

    def test_a_duplicate_is_an_error_of_its_field_and_keeps_what_was_typed(self, tenant: Tenant) -> None:
        with acting(domain="support", organization=tenant.id):
            make_ticket(custom_fields={"serial": "A-1"})
        client = staff_client(tenant)
        form = {**opened(client, reverse(ADD)), "subject": "Help", "requester_email": "a@b.de"}
        answer = client.post(reverse(ADD), {**form, "custom_fields.serial": "a-1"})
        assert list(answer.context["adminform"].form.errors) == ["custom_fields.serial"]
        assert 'value="a-1"' in answer.content.decode()
        assert len(stored(tenant)) == 1

    def test_a_bad_value_is_an_error_of_its_field(self, tenant: Tenant) -> None:
        client = staff_client(tenant)
        form = {**opened(client, reverse(ADD)), "subject": "Help", "requester_email": "a@b.de"}
        bad = {"custom_fields.a_integer": "many", "custom_fields.a_choice": "xl"}
        answer = client.post(reverse(ADD), {**form, **bad})
        assert set(answer.context["adminform"].form.errors) == bad.keys()

    def test_a_field_required_since_then_stops_nothing_else(self, tenant: Tenant) -> None:
        with acting(domain="support", organization=tenant.id):
            ticket = make_ticket()
            make_definition(CustomField, "ticket", key="needed", required=True)
        client = staff_client(tenant)
        form = opened(client, page(ticket))
        assert client.post(page(ticket), {**form, "subject": "Another"}).status_code == 302
        answer = client.post(page(ticket), {**opened(client, page(ticket)), "custom_fields.a_text": "x"})
        assert list(answer.context["adminform"].form.errors) == ["custom_fields.needed"]
        answer = client.post(reverse(ADD), {**opened(client, reverse(ADD)), "subject": "x"})
        assert "custom_fields.needed" in answer.context["adminform"].form.errors

    def test_a_deleted_ticket_shows_its_values(self, tenant: Tenant) -> None:
        with acting(domain="support", organization=tenant.id):
            ticket = make_ticket(custom_fields={"a_text": "<b>Words", "machine": "hidden"})
            ticket.soft_delete()
        shown = staff_client(tenant).get(page(ticket)).content.decode()
        assert "A text: &lt;b&gt;Words" in shown
        assert "hidden</div>" not in shown


def test_without_definitions_the_page_has_no_such_fields(tenant: Tenant) -> None:
    assert "Custom fields</h2>" not in staff_client(tenant).get(reverse(ADD)).content.decode()
