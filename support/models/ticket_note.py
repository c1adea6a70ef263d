"""What staff tell one another about a ticket."""

from __future__ import annotations

from django.db import models

from shared.records import Record, TenantForeignKey
from shared.tenancy.models import UserProfile
from support.models.ordering import LIVING
from support.models.ticket import Ticket


class TicketNote(Record):
    """An internal note: never leaves by API key, webhook or mail."""

    takes_custom_fields = False

    ticket = TenantForeignKey(Ticket, on_delete=models.CASCADE, related_name="notes")
    author = TenantForeignKey(UserProfile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    author_name = models.CharField(max_length=200, blank=True, help_text="Stays when the author is gone.")
    body = models.TextField(max_length=100_000)

    class Meta(Record.Meta):
        db_table = 'support_app"."ticket_notes'
        verbose_name = "note"
        indexes = [
            models.Index(
                "organization", "ticket", "created_at", "id", name="ticket_notes_ticket", condition=LIVING
            )
        ]

    def __str__(self) -> str:
        return self.body[:60]
