"""Custom fields of tickets by API: checked on writing, shown to those who may see them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shared.records.custom_fields.services import retire_custom_field, update_custom_field
from shared.session import acting
from shared.tenancy.models import Tenant
from support.models import CustomField, Ticket
from tests.bases.api import assert_problem
from tests.bases.callers import ApiCaller, make_caller
from tests.bases.custom_fields import make_definition
from tests.bases.staff import staff_client
from tests.support.factories import make_agent, make_ticket

URL = "/api/support/tickets"


@pytest.fixture
def caller(tenant: Tenant) -> ApiCaller:
    return make_caller(tenant, "support:read", "support:write")


@pytest.fixture
def fields(tenant: Tenant) -> dict[str, Any]:
    with acting(domain="support", organization=tenant.id):
        return {
            "size": make_definition(CustomField, "ticket", "integer", key="size"),
            "serial": make_definition(CustomField, "ticket", key="serial", unique=True),
            "secret": make_definition(CustomField, "ticket", key="secret", visibility="staff"),
            "machine": make_definition(CustomField, "ticket", key="machine", visibility="api"),
        }


def body(**custom: Any) -> dict[str, Any]:
    return {"subject": "Help", "customer_email": "ada@example.com", "custom_fields": custom}


def made(tenant: Tenant, **custom: Any) -> Ticket:
    with acting(domain="support", organization=tenant.id):
        return make_ticket(custom_fields=custom)


def count(tenant: Tenant) -> int:
    with acting(domain="support", organization=tenant.id):
        return Ticket.all_objects.count()


@pytest.mark.usefixtures("fields")
class TestWriting:
    def test_good_values_come_back(self, caller: ApiCaller) -> None:
        answer = caller.post(URL, body(size=42, serial="A-1"))
        assert answer.status_code == 201, answer.content
        assert answer.json()["ticket"]["custom_fields"] == {"size": 42, "serial": "A-1"}

    def test_bad_values_are_named_and_nothing_is_made(self, tenant: Tenant, caller: ApiCaller) -> None:
        problem = assert_problem(caller.post(URL, body(size="big", colour="red")), 400)
        assert count(tenant) == 0
        by_field = {e["field"]: e for e in problem["errors"]}
        assert by_field["custom_fields.size"]["pointer"] == "/custom_fields/size"
        assert by_field["custom_fields.size"]["detail"] == "Send a whole number."
        assert "size, serial, machine" in by_field["custom_fields.colour"]["detail"]
        assert "secret" not in str(problem)

    def test_a_refused_ticket_makes_no_customer(self, tenant: Tenant, caller: ApiCaller) -> None:
        from platform_core.models import Customer

        assert_problem(caller.post(URL, body(size="big")), 400)
        with acting(domain="platform", organization=tenant.id):
            assert not Customer.objects.filter(email_norm="ada@example.com").exists()

    def test_a_duplicate_is_a_conflict_of_its_field(self, tenant: Tenant, caller: ApiCaller) -> None:
        made(tenant, serial="A-1")
        problem = assert_problem(caller.post(URL, body(serial="a-1")), 409)
        assert [e["field"] for e in problem["errors"]] == ["custom_fields.serial"]
        assert count(tenant) == 1

    def test_patch_replaces_what_is_given(self, tenant: Tenant, caller: ApiCaller) -> None:
        ticket = made(tenant, size=1, serial="A-1", secret="s")
        answer = caller.patch(f"{URL}/{ticket.pk}", {"custom_fields": {"size": 2, "serial": None}})
        assert answer.json()["custom_fields"] == {"size": 2}
        with acting(domain="support", organization=tenant.id):
            ticket.refresh_from_db()
        assert ticket.custom_fields == {"size": 2, "secret": "s"}

    def test_a_key_cannot_write_what_it_does_not_see(self, tenant: Tenant, caller: ApiCaller) -> None:
        ticket = made(tenant, secret="s")
        for guess in ("s", "t", None):
            answer = caller.patch(f"{URL}/{ticket.pk}", {"custom_fields": {"secret": guess}})
            assert "no such custom field" in assert_problem(answer, 400)["errors"][0]["detail"]


class TestReading:
    def test_a_key_sees_nothing_that_staff_keep(self, tenant: Tenant, caller: ApiCaller, fields: Any) -> None:
        ticket = made(tenant, size=1, secret="s", machine="m")
        seen = {"size": 1, "machine": "m"}
        assert caller.get(f"{URL}/{ticket.pk}").json()["custom_fields"] == seen
        for query in ("", "?fields=custom_fields", "?limit=1", "?status=new", "?expand=agent"):
            rows = caller.get(f"{URL}{query}").json()["results"]
            assert [row["custom_fields"] for row in rows] == [seen], query

    def test_staff_see_it(self, tenant: Tenant, fields: Any) -> None:
        ticket = made(tenant, size=1, secret="s")
        client = staff_client(tenant, role="user")
        for _ in range(2):
            answer = client.get(f"{URL}/{ticket.pk}", headers={"accept": "application/json"})
            assert answer.json()["custom_fields"] == {"size": 1, "secret": "s"}

    def test_an_expanded_record_keeps_its_secrets(self, tenant: Tenant, caller: ApiCaller) -> None:
        with acting(domain="support", organization=tenant.id):
            make_definition(CustomField, "agent", key="pay", visibility="staff")
            make_definition(CustomField, "agent", key="desk")
            agent = make_agent(custom_fields={"pay": "much", "desk": "3"})
            make_ticket(agent_id=agent.pk)
        (row,) = caller.get(f"{URL}?expand=agent").json()["results"]
        assert row["agent"]["custom_fields"] == {"desk": "3"}

    def test_a_retired_field_is_hidden_until_it_is_restored(
        self, tenant: Tenant, caller: ApiCaller, fields: Any
    ) -> None:
        ticket = made(tenant, size=1)
        address = f"{URL}/{ticket.pk}"
        assert caller.get(address).json()["custom_fields"] == {"size": 1}
        with acting(domain="support", organization=tenant.id):
            retire_custom_field(custom_field=fields["size"])
        assert caller.get(address).json()["custom_fields"] == {}
        with acting(domain="support", organization=tenant.id):
            fields["size"].restore()
            update_custom_field(custom_field=fields["size"], visibility="staff")
        assert caller.get(address).json()["custom_fields"] == {}

    def test_one_tenants_definitions_hide_nothing_of_anothers(
        self, tenant: Tenant, other_tenant: Tenant, caller: ApiCaller
    ) -> None:
        for owner, visibility in ((tenant, "everywhere"), (other_tenant, "staff")):
            with acting(domain="support", organization=owner.id):
                make_definition(CustomField, "ticket", key="size", visibility=visibility)
        ticket = made(tenant, size="1")
        assert caller.get(f"{URL}/{ticket.pk}").json()["custom_fields"] == {"size": "1"}

    def test_a_list_needs_no_query_more(self, tenant: Tenant, caller: ApiCaller) -> None:
        ticket = made(tenant)
        caller.get(f"{URL}/{ticket.pk}")

        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                caller.get(URL)
            return len(captured)

        queries()
        before = queries()
        with acting(domain="support", organization=tenant.id):
            make_definition(CustomField, "ticket", key="size", visibility="staff")
        made(tenant, size="1")
        made(tenant, size="2")
        assert queries() == before


def test_the_document_names_the_kinds_of_record() -> None:
    from drf_spectacular.generators import SchemaGenerator

    schemas = SchemaGenerator().get_schema(request=None, public=True)["components"]["schemas"]
    assert "ticket" in str(schemas["SupportCustomFieldCreate"])
    assert "deal" in str(schemas["SalesCustomFieldCreate"])
