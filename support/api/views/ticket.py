"""/api/support/tickets"""

from __future__ import annotations

from typing import Any

from shared.api.actions import record_act
from shared.api.problems import request_id_of
from shared.api.reading import Expand
from shared.api.viewsets import RecordViewSet
from shared.platform_client import CustomerNotFound, PlatformClient, PlatformUnavailable, platform_client
from shared.records.custom_fields.checking import check_custom_fields
from support.api.filters import TicketFilter
from support.api.serializers.agent import AgentSerializer
from support.api.serializers.conversation import TicketMessageSerializer
from support.api.serializers.customer_reference import CustomerReferenceSerializer
from support.api.serializers.ticket import (
    OpenedTicketSerializer,
    TicketAssignmentSerializer,
    TicketCreateSerializer,
    TicketSerializer,
    TicketStatusSerializer,
    TicketUpdateSerializer,
)
from support.models import Ticket
from support.selectors.ticket import tickets
from support.services.named_customer import NamedCustomer, ask_for_customer
from support.services.ticket import assign_ticket, change_status, delete_ticket, open_ticket, update_ticket


class TicketViewSet(RecordViewSet):
    """Requests of customers.

    Opening one names a customer of the platform by `customer_id`, or by `customer_email`, which creates the
    customer where there is none. The answer brings what the platform knows of them. While the platform does not
    answer, the ticket is opened all the same and the answer says `degraded`.
    """

    serializer_class = TicketSerializer
    create_serializer = TicketCreateSerializer
    create_answer = OpenedTicketSerializer
    update_serializer = TicketUpdateSerializer
    selector = tickets
    create_service = open_ticket
    update_service = update_ticket
    delete_service = delete_ticket
    filterset_class = TicketFilter
    orderings = ("-number", "number")
    expandable = {
        "customer": Expand(CustomerReferenceSerializer),
        "agent": Expand(AgentSerializer),
        "messages": Expand(TicketMessageSerializer, many=True),
    }

    named: NamedCustomer | None = None

    def validate(self, serializer_class: Any, *, partial: bool = False) -> Any:
        """The body's values; the customer that it names is asked for once its shape is good."""
        data = super().validate(serializer_class, partial=partial)
        if self.action == "create":
            said = {name: data.pop(f"customer_{name}", None) for name in ("id", "email", "name")}
            if data.get("agent_id") is not None or "custom_fields" in data:
                with self.unit():  # before the platform creates a customer for a ticket that will be refused
                    super().check_references(data)
                    check_custom_fields(Ticket(), data.get("custom_fields", {}))
            self.named = ask_for_customer(
                self.platform(),
                customer_id=said["id"],
                email=said["email"] or "",
                name=said["name"] or "",
                language=data.get("language", ""),
            )
        elif data.get("customer_id") is not None:
            self.named = ask_for_customer(self.platform(), customer_id=data["customer_id"])
        return data

    def check_references(self, data: dict[str, Any]) -> None:
        super().check_references(data)
        values = self.named.values() if self.named is not None else {"customer": None}
        if self.action == "create":
            data.update(values)
        elif "customer_id" in data:
            data["customer"] = values["customer"]
            if data.pop("customer_id") is not None and values["customer"] is None:
                raise PlatformUnavailable()  # a claim is only for a ticket that could not wait

    def compose_answer(self, record: Any, body: dict[str, Any]) -> Any:
        return {"ticket": body, "customer_dna": None, "ai_draft": None, "degraded": True}

    def complete_answer(self, record: Ticket, body: dict[str, Any]) -> dict[str, Any]:
        """After the commit: what the platform knows of the customer."""
        assert self.named is not None
        if self.named.degraded or record.customer_id is None:
            return body
        try:
            known = self.platform().get_customer_intelligence(record.customer_id)
        except PlatformUnavailable:
            return body
        except CustomerNotFound:  # erased or merged in this very moment
            return {**body, "degraded": False}
        return {**body, "customer_dna": known.as_dict(), "degraded": False}

    def platform(self) -> PlatformClient:
        """The platform, asked in the name of this request's caller."""
        return platform_client(
            organization=self.caller.organization,
            actor=self.caller.actor,
            request_id=request_id_of(self.request._request),
            domain=self.domain,
        )

    @record_act(TicketStatusSerializer)
    def status(self, ticket: Ticket, **fields: Any) -> None:
        """Move the ticket to another status; a 409 problem names the allowed ones."""
        change_status(ticket=ticket, **fields)

    @record_act(TicketAssignmentSerializer)
    def assign(self, ticket: Ticket, **fields: Any) -> None:
        """Give the ticket to an agent, or to nobody (null)."""
        assign_ticket(ticket=ticket, **fields)
