"""What is said between the customer and us."""

from __future__ import annotations

from django.db import models

from shared.records import Record, TenantForeignKey, TenantUnique
from shared.tenancy.models import UserProfile
from support.choices import Direction
from support.models.ordering import LIVING
from support.models.ticket import Ticket


class TicketMessage(Record):
    """A public message of a ticket: the customer reads it, or wrote it."""

    takes_custom_fields = False

    ticket = TenantForeignKey(Ticket, on_delete=models.CASCADE, related_name="messages")
    direction = models.CharField(max_length=16, choices=Direction)
    author = TenantForeignKey(
        UserProfile,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The member of staff who wrote it, if one did.",
    )
    author_name = models.CharField(max_length=200, blank=True, help_text="Stays when the author is gone.")
    body = models.TextField(max_length=100_000)
    message_id = models.CharField(
        max_length=500, blank=True, help_text="Message-ID of the mail, by which replies find their ticket."
    )

    class Meta(Record.Meta):
        db_table = 'support_app"."ticket_messages'
        verbose_name = "message"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(direction__in=Direction.values), name="ticket_messages_direction_check"
            ),
            TenantUnique(
                fields=["message_id"],
                name="ticket_messages_message_id_key",
                condition=~models.Q(message_id=""),
                living=False,  # a mail that was read once is not read again because its message was deleted
                message="This mail is a message already.",
            ),
        ]
        indexes = [
            models.Index(
                "organization",
                "ticket",
                "created_at",
                "id",
                name="ticket_messages_conversation",
                condition=LIVING,
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_direction_display()}: {self.body[:60]}"
