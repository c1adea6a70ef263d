"""Messages and notes, as answered and as sent."""

from __future__ import annotations

from shared.api.serializers import RECORD_FIELDS, ReadSerializer, WriteSerializer
from support.models import TicketMessage, TicketNote


class TicketMessageSerializer(ReadSerializer):
    class Meta:
        model = TicketMessage
        fields = (
            *RECORD_FIELDS,
            "ticket_id",
            "direction",
            "author_id",
            "author_name",
            "body",
            "message_id",
        )


class TicketMessageCreateSerializer(WriteSerializer):
    class Meta:
        model = TicketMessage
        fields = ("direction", "body", "author_name", "message_id")


class TicketNoteSerializer(ReadSerializer):
    class Meta:
        model = TicketNote
        fields = (*RECORD_FIELDS, "ticket_id", "author_id", "author_name", "body")


class TicketNoteCreateSerializer(WriteSerializer):
    class Meta:
        model = TicketNote
        fields = ("body",)
