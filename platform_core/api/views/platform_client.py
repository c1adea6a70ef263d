"""What the apps ask the platform (`shared/platform_client/protocol.py`), as endpoints.

An app's process asks with its service secret; these are the only views that take one. Keys and staff may ask, too.
"""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Any, ClassVar

from django.db import models
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from platform_core.api.serializers.platform_client import (
    AnalysisSerializer,
    ContactDecisionSerializer,
    CustomerSummaryChangeSerializer,
    CustomerSummarySerializer,
    CustomerSyncSerializer,
    MessageDraftSerializer,
    MessageRequestSerializer,
)
from platform_core.api.serializers.profile import CustomerIntelligenceSerializer
from platform_core.models import Customer, CustomerProfile
from platform_core.selectors.consent import may_contact
from platform_core.selectors.customer import find_customer_by_email, get_customer, summary_of
from platform_core.selectors.profile import get_intelligence
from platform_core.services.customer import find_or_create_customer, update_customer
from platform_core.services.message import generate_message
from platform_core.services.profile import analyze_customer
from shared.api.authentication import ServiceAuthentication
from shared.api.problems import bad_parameter
from shared.api.views import ApiView
from shared.api.writing import Written, answer_write
from shared.platform_client.protocol import CustomerNotFound


class AskingView(ApiView):
    """One question of the platform client."""

    authentication_classes = (ServiceAuthentication, *ApiView.authentication_classes)
    model: ClassVar[type[models.Model]] = Customer
    looks_back = True

    def needed_parameters(self) -> dict[str, str]:
        """All of this view's query parameters; a 400 problem names one that is missing."""
        values = self.read_parameters()
        for name in self.parameters:
            if name not in values:
                raise bad_parameter(name, "It is missing.", code="required")
        return values

    def values(self, serializer_class: Any, *, partial: bool = False) -> dict[str, Any]:
        """The body's values, their shape checked."""
        self.read_parameters()
        serializer = serializer_class(data=self.request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


class CustomerByEmailView(AskingView):
    parameters = ("email",)

    @extend_schema(
        operation_id="platform_customers_by_email",
        summary="Find a customer by e-mail",
        parameters=[OpenApiParameter("email", str, required=True, description="In any case.")],
        responses={200: CustomerSummarySerializer},
    )
    def get(self, request: Request) -> Response:
        """The customer with this e-mail, or known by it as a further one; 404 where there is none."""
        email = self.needed_parameters()["email"]
        with self.unit():
            customer = find_customer_by_email(email)
            if customer is None:
                raise CustomerNotFound("There is no customer with this e-mail: create one first.")
            return Response(asdict(summary_of(customer)))


class CustomerSummaryView(AskingView):
    @extend_schema(
        operation_id="platform_customers_summary",
        summary="A customer in brief",
        responses={200: CustomerSummarySerializer},
    )
    def get(self, request: Request, id: uuid.UUID) -> Response:
        """Whom to address, and what the apps keep of a customer."""
        self.read_parameters()
        with self.unit():
            return Response(asdict(summary_of(get_customer(id))))

    @extend_schema(
        operation_id="platform_customers_summary_change",
        summary="Change what apps may change of a customer",
        request=CustomerSummaryChangeSerializer,
        responses={200: CustomerSummarySerializer},
    )
    def patch(self, request: Request, id: uuid.UUID) -> Response:
        """What is sent is changed, the rest stays."""
        changes = self.values(CustomerSummaryChangeSerializer, partial=True)

        def work() -> Written:
            customer = update_customer(customer=get_customer(id, lock=True), **changes)
            return Written(asdict(summary_of(customer)))

        return answer_write(self, request, work)


class ContactDecisionView(AskingView):
    parameters = ("channel", "purpose")

    @extend_schema(
        operation_id="platform_customers_may_contact",
        summary="May a message go to this customer?",
        parameters=[
            OpenApiParameter("channel", str, required=True, description="As in email."),
            OpenApiParameter("purpose", str, required=True, description="As in service or marketing."),
        ],
        responses={200: ContactDecisionSerializer},
    )
    def get(self, request: Request, id: uuid.UUID) -> Response:
        """Whether a message of this purpose may go out by this channel, and why."""
        asked = self.needed_parameters()
        with self.unit():
            return Response(asdict(may_contact(id, channel=asked["channel"], purpose=asked["purpose"])))


class CustomerIntelligenceView(AskingView):
    model = CustomerProfile

    @extend_schema(
        operation_id="intelligence_customer_retrieve",
        summary="What is known about a customer",
        responses={200: CustomerIntelligenceSerializer},
    )
    def get(self, request: Request, id: uuid.UUID) -> Response:
        """Profile, archetype and tier ("customer DNA"); null while nothing has been computed."""
        self.read_parameters()
        with self.unit():
            return Response({"customer_id": id, **get_intelligence(id).as_dict()})


class CustomerSyncView(AskingView):
    @extend_schema(
        operation_id="intelligence_customer_sync",
        summary="Find or create a customer by e-mail",
        request=CustomerSyncSerializer,
        responses={200: CustomerSummarySerializer, 201: CustomerSummarySerializer},
    )
    def post(self, request: Request) -> Response:
        """Of concurrent calls one creates (201). What an existing customer's record says stays as it is (200)."""
        values = self.values(CustomerSyncSerializer)

        def work() -> Written:
            customer, created = find_or_create_customer(**values)
            return Written(asdict(summary_of(customer)), status=201 if created else 200)

        return answer_write(self, request, work)


class AnalysisView(AskingView):
    model = CustomerProfile

    @extend_schema(
        operation_id="intelligence_analyze",
        summary="Compute a customer's profile anew",
        request=AnalysisSerializer,
        responses={200: CustomerIntelligenceSerializer},
    )
    def post(self, request: Request) -> Response:
        """From all interactions of the customer; answers what is known then."""
        customer_id = self.values(AnalysisSerializer)["customer_id"]

        def work() -> Written:
            found = analyze_customer(customer_id=customer_id)
            return Written({"customer_id": customer_id, **found.as_dict()})

        return answer_write(self, request, work)


class MessageDraftView(AskingView):
    @extend_schema(
        operation_id="intelligence_generate_message",
        summary="Draft a message to a customer",
        request=MessageRequestSerializer,
        responses={200: MessageDraftSerializer},
    )
    def post(self, request: Request) -> Response:
        """A draft that rests on the passages that were sent, from the caller's own knowledge base."""
        values = self.values(MessageRequestSerializer)
        with self.unit():
            draft = generate_message(**values)
        return Response({"draft": None if draft is None else asdict(draft)})
