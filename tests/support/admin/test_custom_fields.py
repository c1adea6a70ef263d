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


class TestDefaults:
    def test_the_form_of_a_new_ticket_begins_with_them(self, tenant: Tenant) -> None:
        with acting(domain="support", organization=tenant.id):
            make_definition(CustomField, "ticket", key="size", default="m")
            make_definition(CustomField, "ticket", "boolean", key="fast", default=True)
            make_definition(CustomField, "ticket", "choices", key="shapes", default=["s", "l"])
        client = staff_client(tenant)
        form = {**opened(client, reverse(ADD)), "subject": "Help", "requester_email": "a@b.de"}
        assert form["custom_fields.size"] == "m"
        assert client.post(reverse(ADD), form).status_code == 302
        assert client.post(reverse(ADD), {**form, "custom_fields.size": ""}).status_code == 302
        assert stored(tenant) == [
            {"size": "m", "fast": True, "shapes": ["s", "l"]},
            {"fast": True, "shapes": ["s", "l"]},
        ]

    @pytest.mark.parametrize(
        ("type", "choices", "typed", "default"),
        [
            ("text", "", "Words", "Words"),
            ("number", "", "2.50", "2.5"),
            ("integer", "", "-7", -7),
            ("boolean", "", "no", False),
            ("date", "", "2026-12-31", "2026-12-31"),
            ("choices", "s\nm\nl", "l; s", ["s", "l"]),
            ("choice", "s\nm", "", None),
        ],
    )
    def test_a_definition_takes_one_of_its_type(
        self, tenant: Tenant, type: str, choices: str, typed: str, default: Any
    ) -> None:
        client, add = staff_client(tenant), reverse("admin:support_customfield_add")
        given = {"entity": "ticket", "key": "size", "label": "Size", "type": type, "visibility": "everywhere"}
        form = dict(read_form(client.get(add).content.decode(), "customfield_form"))
        answer = client.post(add, {**form, **given, "choices": choices, "default": typed})
        assert answer.status_code == 302, answer.context["adminform"].form.errors
        with acting(domain="support", organization=tenant.id):
            field = CustomField.objects.get()
        assert field.default == default
        page = reverse("admin:support_customfield_change", args=[field.pk])
        again = dict(read_form(client.get(page).content.decode(), "customfield_form"))
        assert client.post(page, again).status_code == 302
        with acting(domain="support", organization=tenant.id):
            field.refresh_from_db()
        assert (field.default, field.version) == (default, 1)

    def test_one_of_another_type_is_an_error_of_its_field(self, tenant: Tenant) -> None:
        client, add = staff_client(tenant), reverse("admin:support_customfield_add")
        given = {
            "entity": "ticket",
            "key": "size",
            "label": "Size",
            "type": "integer",
            "visibility": "everywhere",
        }
        answer = client.post(add, {**given, "default": "many"})
        assert answer.context["adminform"].form.errors["default"] == ["Send a whole number."]

    def test_what_records_lack_is_an_error_of_the_box(self, tenant: Tenant) -> None:
        with acting(domain="support", organization=tenant.id):
            field = make_definition(CustomField, "ticket", key="size")
            make_ticket()
        client, page = staff_client(tenant), reverse("admin:support_customfield_change", args=[field.pk])
        form = dict(read_form(client.get(page).content.decode(), "customfield_form"))
        answer = client.post(page, {**form, "required": "on"})
        assert answer.context["adminform"].form.errors["required"] == [
            "1 ticket has no value: give each one first."
        ]
