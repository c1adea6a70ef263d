"""Support's pages under the admin contract."""

from __future__ import annotations

from typing import Any

from shared.tenancy.models import Tenant
from support.models import Agent, CustomerReference, Ticket
from tests.bases.admin import AdminContract
from tests.support.factories import make_agent, make_full_ticket, make_message, make_profile, make_reference


class TestTicketAdmin(AdminContract):
    model = Ticket
    edit = {"subject": "The engine has started", "status": "open"}

    def make(self, tenant: Tenant) -> Any:
        ticket = make_full_ticket(description="It coughs.")
        make_message(ticket)
        ticket.refresh_from_db()
        return ticket

    def form(self, tenant: Tenant) -> dict[str, Any]:
        return {"subject": "Another", "customer": str(make_reference().pk), "tags": "boiler, steam"}


class TestAgentAdmin(AdminContract):
    model = Agent
    duplicate_field = "profile"
    edit = {"presence": "online", "capacity_chat": "3", "skills": "boilers, steam"}

    def make(self, tenant: Tenant) -> Any:
        agent = make_agent(capacity={"email": 20})
        assert agent.profile.name  # read here, where a unit is open
        return agent

    def form(self, tenant: Tenant) -> dict[str, Any]:
        return {"profile": str(make_profile().pk), "languages": "en, de-CH", "capacity_chat": "0"}


class TestCustomerReferenceAdmin(AdminContract):
    model = CustomerReference

    def make(self, tenant: Tenant) -> Any:
        return make_reference()
