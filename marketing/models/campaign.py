"""Campaigns: one message to a segment."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower, Trim

from marketing.choices import CampaignStatus, Channel
from marketing.models.segment import NEWEST, Segment
from shared.records import Record, TenantForeignKey, TenantUnique
from shared.tenancy.models import UserProfile


class Campaign(Record):
    """A message to the customers of a segment, from its draft to the archive."""

    name = models.CharField(max_length=150)
    name_norm = models.GeneratedField(
        expression=Lower(Trim("name")), output_field=models.CharField(max_length=150), db_persist=True
    )
    description = models.TextField(blank=True, max_length=2000)
    channel = models.CharField(max_length=16, choices=Channel, default=Channel.EMAIL)
    status = models.CharField(
        max_length=16, choices=CampaignStatus, default=CampaignStatus.DRAFT, editable=False
    )
    segment = TenantForeignKey(
        Segment, on_delete=models.PROTECT, null=True, blank=True, related_name="campaigns"
    )
    subject = models.CharField(max_length=200, blank=True)
    content = models.TextField(blank=True, max_length=100_000)
    owner = TenantForeignKey(UserProfile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    approved_by = models.CharField(max_length=200, blank=True, editable=False)
    approved_at = models.DateTimeField(null=True, blank=True, editable=False)
    scheduled_at = models.DateTimeField(null=True, blank=True, editable=False)
    started_at = models.DateTimeField(null=True, blank=True, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(Record.Meta):
        db_table = 'marketing_app"."campaigns'
        constraints = [
            TenantUnique(fields=["name_norm"], name="campaigns_name_key", error_field="name"),
            models.CheckConstraint(
                condition=models.Q(status__in=CampaignStatus.values), name="campaigns_status_check"
            ),
            models.CheckConstraint(
                condition=models.Q(channel__in=Channel.values), name="campaigns_channel_check"
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=[CampaignStatus.SCHEDULED, CampaignStatus.SENDING])
                | models.Q(scheduled_at__isnull=False, segment__isnull=False),
                name="campaigns_scheduled_check",
            ),
        ]
        indexes = [
            models.Index("organization", *NEWEST, name="campaigns_newest"),
            models.Index("organization", "status", *NEWEST, name="campaigns_status"),
            models.Index("organization", "segment", *NEWEST, name="campaigns_segment"),
            models.Index("organization", "owner", *NEWEST, name="campaigns_owner"),
        ]

    def __str__(self) -> str:
        return self.name
