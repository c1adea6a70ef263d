"""Support's endpoints under the API contracts."""

from __future__ import annotations

from typing import Any

import pytest

from shared.session import Actor, acting
from shared.tenancy.models import Tenant
from tests.bases.api import ApiReadContract, ApiWriteContract, assert_problem
from tests.bases.callers import ApiCaller
from tests.support.factories import (
    make_agent,
    make_full_ticket,
    make_golden,
    make_message,
    make_profile,
    make_reference,
    make_ticket,
)


class TestTickets(ApiWriteContract):
    domain = "support"
    url = "/api/support/tickets"
    changes = {"subject": "The engine has started", "priority": "high"}
    text_field = "subject"

    def make(self, tenant: Tenant) -> Any:
        ticket = make_full_ticket()
        make_message(ticket)
        return ticket

    def valid(self, tenant: Tenant) -> dict[str, Any]:
        return {
            "subject": "The engine does not start",
            "customer_id": str(make_golden().id),
            "agent_id": str(make_agent().pk),
        }


class TestAgents(ApiWriteContract):
    domain = "support"
    url = "/api/support/agents"
    changes = {"presence": "online", "skills": ["refunds"]}
    text_field = "profile_id"
    duplicate_field = "profile_id"

    def make(self, tenant: Tenant) -> Any:
        return make_agent()

    def valid(self, tenant: Tenant) -> dict[str, Any]:
        return {"profile_id": str(make_profile().pk), "languages": ["en"], "capacity": {"chat": 3}}

    def test_a_repeated_post_has_one_effect(self, tenant: Tenant, caller: ApiCaller) -> None:
        body = self.body(tenant)  # holds no text that could be replaced by any other
        answers = [caller.post(self.url, body, idempotency_key="k") for _ in range(2)]
        assert [a.status_code for a in answers] == [201, 201]
        assert answers[0].json() == answers[1].json()
        assert caller.post(self.url, {**body, "presence": "away"}, idempotency_key="k").status_code == 422
        assert self.rows(tenant) == 1

    def test_a_person_is_one_agent(self, tenant: Tenant, caller: ApiCaller) -> None:
        body = self.body(tenant)
        assert caller.post(self.url, body).status_code == 201
        assert_problem(caller.post(self.url, body), 409)
        assert self.rows(tenant) == 1


class TestCustomerReferences(ApiReadContract):
    domain = "support"
    url = "/api/support/customer-references"

    def make(self, tenant: Tenant) -> Any:
        return make_reference()


class TestMessages(ApiWriteContract):
    domain = "support"
    changes: dict[str, Any] = {}
    text_field = "body"

    @pytest.fixture(autouse=True)
    def _ticket(self, request: pytest.FixtureRequest) -> None:
        if "committed" not in request.fixturenames:
            self._open(request.getfixturevalue("tenant"))

    def _open(self, tenant: Tenant) -> None:
        with acting(domain="support", organization=tenant.id):
            self.ticket_row = make_ticket()

    @property
    def url(self) -> str:  # type: ignore[override]
        return f"/api/support/tickets/{self.ticket_row.pk}/messages"

    def address(self, row: Any) -> str:
        return f"/api/support/tickets/{row.ticket_id}/messages/{row.pk}"

    def make(self, tenant: Tenant) -> Any:
        with acting(actor=Actor(kind="user", id=make_profile().user_id, name="Alan Turing")):
            ticket = self.ticket_row if tenant.id == self.ticket_row.organization_id else make_ticket()
            return make_message(ticket, direction="outbound")

    def valid(self, tenant: Tenant) -> dict[str, Any]:
        return {"direction": "inbound", "body": "Any news?"}

    def test_concurrent_repeats_have_one_effect(self, committed: Any) -> None:
        tenant = committed("Messages")
        self._open(tenant)
        super().test_concurrent_repeats_have_one_effect(lambda _: tenant)

    def test_below_another_tenants_ticket_is_404(
        self, tenant: Tenant, other_tenant: Tenant, caller: ApiCaller
    ) -> None:
        foreign = self.made(other_tenant)
        own = self.made(tenant)
        address = f"/api/support/tickets/{foreign.ticket_id}/messages"
        assert caller.get(address).status_code == 404
        assert caller.get(f"{address}/{own.pk}").status_code == 404
        assert caller.get(f"{address}/{foreign.pk}").status_code == 404
        assert caller.post(address, self.body(tenant)).status_code == 404
        with acting(domain="support", organization=other_tenant.id):
            assert foreign.ticket.messages.count() == 1
