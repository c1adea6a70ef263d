"""Campaigns, as answered and as sent."""

from __future__ import annotations

from rest_framework import serializers

from marketing.choices import CampaignStatus
from marketing.models import Campaign
from shared.api.serializers import RECORD_FIELDS, ReadSerializer, WriteSerializer


class CampaignSerializer(ReadSerializer):
    class Meta:
        model = Campaign
        fields = (
            *RECORD_FIELDS,
            "name",
            "description",
            "channel",
            "status",
            "segment_id",
            "subject",
            "content",
            "owner_id",
            "approved_by",
            "approved_at",
            "scheduled_at",
            "started_at",
            "finished_at",
        )


class CampaignWriteSerializer(WriteSerializer):
    class Meta:
        model = Campaign
        fields = (
            "name",
            "description",
            "channel",
            "segment_id",
            "subject",
            "content",
            "owner_id",
            "custom_fields",
        )


class CampaignStatusSerializer(WriteSerializer):
    status = serializers.ChoiceField(choices=CampaignStatus.choices)
    scheduled_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Needed to schedule: when the campaign is to be sent."
    )

    class Meta:
        model = Campaign
        fields = ("status", "scheduled_at")
