"""Choices of the marketing domain."""

from django.db import models


class Channel(models.TextChoices):
    EMAIL = "email", "E-mail"


class CampaignStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    APPROVED = "approved", "Approved"
    SCHEDULED = "scheduled", "Scheduled"
    SENDING = "sending", "Sending"
    PAUSED = "paused", "Paused"
    SENT = "sent", "Sent"
    ARCHIVED = "archived", "Archived"


CAMPAIGN_TRANSITIONS: dict[str, tuple[CampaignStatus, ...]] = {
    CampaignStatus.DRAFT: (CampaignStatus.APPROVED, CampaignStatus.ARCHIVED),
    CampaignStatus.APPROVED: (CampaignStatus.SCHEDULED, CampaignStatus.DRAFT, CampaignStatus.ARCHIVED),
    CampaignStatus.SCHEDULED: (CampaignStatus.SENDING, CampaignStatus.APPROVED),
    CampaignStatus.SENDING: (CampaignStatus.PAUSED, CampaignStatus.SENT),
    CampaignStatus.PAUSED: (CampaignStatus.SENDING, CampaignStatus.SENT),
    CampaignStatus.SENT: (CampaignStatus.ARCHIVED,),
    CampaignStatus.ARCHIVED: (),
}
"""Where a campaign may go from where it is."""
