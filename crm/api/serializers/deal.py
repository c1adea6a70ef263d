"""Deals, as answered and as sent."""

from __future__ import annotations

from rest_framework import serializers

from crm.models import Deal, DealStageHistory
from shared.api.serializers import RECORD_FIELDS, ReadSerializer, WriteSerializer


class DealSerializer(ReadSerializer):
    class Meta:
        model = Deal
        fields = (
            *RECORD_FIELDS,
            "name",
            "pipeline_id",
            "stage_id",
            "status",
            "customer_id",
            "company_id",
            "company_name",
            "amount",
            "currency",
            "owner_id",
            "expected_close",
            "stage_entered_at",
            "closed_at",
            "loss_reason",
        )


class StayInStageSerializer(ReadSerializer):
    class Meta:
        model = DealStageHistory
        fields = ("id", "stage_id", "entered_at", "left_at", "moved_by")


class DealUpdateSerializer(WriteSerializer):
    customer_id = serializers.UUIDField(required=False, allow_null=True, help_text="The golden customer.")

    class Meta:
        model = Deal
        fields: tuple[str, ...] = (
            "name",
            "customer_id",
            "company_name",
            "amount",
            "currency",
            "owner_id",
            "expected_close",
            "custom_fields",
        )


class DealCreateSerializer(DealUpdateSerializer):
    class Meta(DealUpdateSerializer.Meta):
        fields = ("pipeline_id", "stage_id", *DealUpdateSerializer.Meta.fields)
        extra_kwargs = {  # the default pipeline and its first open stage stand in
            "pipeline_id": {"required": False, "allow_null": True},
            "stage_id": {"required": False, "allow_null": True},
        }


class DealMoveSerializer(WriteSerializer):
    loss_reason = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text="Needed to move a deal to a lost stage."
    )

    class Meta:
        model = Deal
        fields = ("stage_id", "loss_reason")
