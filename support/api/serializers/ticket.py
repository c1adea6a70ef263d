"""Tickets, as answered and as sent."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from shared.api.serializers import RECORD_FIELDS, ReadSerializer, WriteSerializer
from support.choices import TicketStatus
from support.models import Ticket


class TicketSerializer(ReadSerializer):
    class Meta:
        model = Ticket
        fields = (
            *RECORD_FIELDS,
            "number",
            "subject",
            "description",
            "status",
            "priority",
            "channel",
            "customer_id",
            "company_id",
            "company_name",
            "requester_name",
            "requester_email",
            "agent_id",
            "tags",
            "intent",
            "language",
            "first_response_at",
            "waiting_since",
            "resolved_at",
            "closed_at",
            "reopened_count",
        )


class TicketUpdateSerializer(WriteSerializer):
    status = serializers.ChoiceField(
        TicketStatus.choices, required=False, help_text="Only where the present status allows it (409)."
    )
    customer_id = serializers.UUIDField(required=False, allow_null=True, help_text="The golden customer.")

    class Meta:
        model = Ticket
        fields = (
            "subject",
            "description",
            "status",
            "priority",
            "channel",
            "customer_id",
            "requester_name",
            "requester_email",
            "agent_id",
            "tags",
            "intent",
            "language",
            "custom_fields",
        )


class TicketCreateSerializer(WriteSerializer):
    """Names the customer by ``customer_id`` or ``customer_email``; where both are sent the identifier decides."""

    customer_id = serializers.UUIDField(required=False, help_text="The golden customer.")
    customer_email = serializers.EmailField(
        required=False, max_length=254, help_text="Finds the customer, or creates one on the platform."
    )
    customer_name = serializers.CharField(
        required=False, max_length=200, help_text="Name of a customer who is created, or of whoever asks."
    )

    class Meta:
        model = Ticket
        fields = (
            "subject",
            "description",
            "customer_id",
            "customer_email",
            "customer_name",
            "priority",
            "channel",
            "agent_id",
            "tags",
            "intent",
            "language",
            "custom_fields",
        )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A ticket has a customer."""
        if "customer_id" not in attrs and "customer_email" not in attrs:
            message = "Send customer_id, or customer_email, so that the ticket has a customer."
            raise serializers.ValidationError({"customer_id": message}, code="required")
        return attrs


class TicketStatusSerializer(WriteSerializer):
    status = serializers.ChoiceField(TicketStatus.choices)

    class Meta:
        model = Ticket
        fields = ("status",)


class TicketAssignmentSerializer(WriteSerializer):
    class Meta:
        model = Ticket
        fields = ("agent_id",)
        extra_kwargs = {"agent_id": {"required": True, "allow_null": True}}


class CustomerDNASerializer(serializers.Serializer):
    """What the platform knows of the customer's behaviour."""

    profile = serializers.DictField(allow_null=True)
    archetype = serializers.DictField(allow_null=True)
    tier = serializers.CharField()


class OpenedTicketSerializer(serializers.Serializer):
    """The answer to opening a ticket."""

    ticket = TicketSerializer()
    customer_dna = CustomerDNASerializer(
        allow_null=True, help_text="Null where the platform knows no such customer, or did not answer."
    )
    ai_draft = serializers.DictField(allow_null=True, help_text="A suggested answer, once there is one.")
    degraded = serializers.BooleanField(
        help_text="True where the platform did not answer and the ticket was opened without it."
    )
