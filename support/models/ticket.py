"""Tickets, and the counter of their numbers."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower, Trim

from shared.events.telling import Tells
from shared.records import Record, TenantForeignKey, TenantUnique
from shared.records.models import TenantRow
from support.choices import Channel, TicketPriority, TicketStatus
from support.models.agent import Agent
from support.models.customer_reference import CustomerReference
from support.models.ordering import LIVING, NEWEST
from support.validators import check_language


class Ticket(Record):
    """A customer's request, from its first word to its end."""

    retained_from: ClassVar[str] = "closed_at"
    tells = Tells(
        "support.ticket.changed",
        (
            "number",
            "subject",
            "status",
            "priority",
            "channel",
            "customer_id",
            "agent_id",
            "created_at",
            "resolved_at",
            "closed_at",
        ),
        subject="customer_id",
    )

    number = models.PositiveIntegerField(editable=False, help_text="Counts within the organization, from 1.")
    customer = TenantForeignKey(
        CustomerReference, on_delete=models.SET_NULL, null=True, blank=True, related_name="tickets"
    )
    company_id = models.UUIDField(
        null=True, blank=True, editable=False, help_text="The customer's golden company when this was opened."
    )
    company_name = models.CharField(
        max_length=200,
        blank=True,
        editable=False,
        help_text="The customer's company when this was opened.",
    )
    requester_name = models.CharField(max_length=200, blank=True, help_text="Who asked, as they said.")
    requester_email = models.EmailField(max_length=254, blank=True)
    claimed_customer_id = models.UUIDField(
        null=True,
        blank=True,
        editable=False,
        help_text="A golden customer that was named while the platform did not answer; not verified.",
    )
    subject = models.CharField(max_length=300)
    subject_norm = models.GeneratedField(
        expression=Lower(Trim("subject")), output_field=models.CharField(max_length=300), db_persist=True
    )
    description = models.TextField(blank=True, max_length=100_000)
    channel = models.CharField(max_length=16, choices=Channel, default=Channel.API)
    status = models.CharField(max_length=32, choices=TicketStatus, default=TicketStatus.NEW)
    priority = models.CharField(max_length=16, choices=TicketPriority, default=TicketPriority.NORMAL)
    agent = TenantForeignKey(Agent, on_delete=models.SET_NULL, null=True, blank=True, related_name="tickets")
    tags = ArrayField(models.CharField(max_length=64), default=list, blank=True, size=50)
    intent = models.CharField(max_length=64, blank=True, help_text="What the customer wants, in a word.")
    language = models.CharField(
        max_length=35, blank=True, validators=[check_language], help_text="Language tag (BCP 47)."
    )
    first_response_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the first public answer went out."
    )
    waiting_since = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since when the customer waits for an answer."
    )
    resolved_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    reopened_count = models.PositiveIntegerField(default=0, editable=False)

    class Meta(Record.Meta):
        db_table = 'support_app"."tickets'
        constraints = [
            # A number is never given twice, not even after its ticket was deleted.
            TenantUnique(fields=["number"], name="tickets_number_key", living=False),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="tickets_number_from_one_check"),
            models.CheckConstraint(
                condition=models.Q(status__in=TicketStatus.values), name="tickets_status_check"
            ),
            models.CheckConstraint(
                condition=models.Q(priority__in=TicketPriority.values), name="tickets_priority_check"
            ),
            models.CheckConstraint(
                condition=models.Q(channel__in=Channel.values), name="tickets_channel_check"
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=[TicketStatus.RESOLVED, TicketStatus.CLOSED])
                | models.Q(resolved_at__isnull=False),
                name="tickets_resolved_check",
            ),
            models.CheckConstraint(
                condition=models.Q(status=TicketStatus.CLOSED, closed_at__isnull=False)
                | (~models.Q(status=TicketStatus.CLOSED) & models.Q(closed_at__isnull=True)),
                name="tickets_closed_check",
            ),
        ]
        indexes = [
            models.Index("organization", *NEWEST, name="tickets_newest", condition=LIVING),
            models.Index(
                "organization", "status", "priority", *NEWEST, name="tickets_queue", condition=LIVING
            ),
            models.Index("organization", "status", *NEWEST, name="tickets_status", condition=LIVING),
            models.Index("organization", "priority", *NEWEST, name="tickets_priority", condition=LIVING),
            models.Index("organization", "channel", *NEWEST, name="tickets_channel", condition=LIVING),
            models.Index("organization", "agent", *NEWEST, name="tickets_agent", condition=LIVING),
            models.Index("organization", "customer", *NEWEST, name="tickets_customer", condition=LIVING),
            models.Index("organization", "subject_norm", name="tickets_subject", condition=LIVING),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.subject}"


class TicketCounter(TenantRow):
    """The number of a tenant's newest ticket.

    One row per tenant, locked by whoever opens a ticket until that is committed or undone: numbers have no
    gaps and are never given twice. No record: it says nothing that the tickets do not.
    """

    referable = False

    last_number = models.PositiveIntegerField(default=0)

    class Meta(TenantRow.Meta):
        db_table = 'support_app"."ticket_counters'
        constraints = [models.UniqueConstraint(fields=["organization"], name="ticket_counters_key")]

    def __str__(self) -> str:
        return str(self.last_number)
