"""Activities, as answered and as sent."""

from __future__ import annotations

from rest_framework import serializers

from crm.choices import RECORDED_BY_SYSTEM, ActivityType
from crm.models import Activity
from shared.api.serializers import RECORD_FIELDS, ReadSerializer, WriteSerializer

_WRITABLE = (
    "description",
    "metadata",
    "occurred_at",
    "due_at",
    "deal_id",
    "contact_id",
    "customer_id",
    "owner_id",
    "custom_fields",
)


class ActivitySerializer(ReadSerializer):
    class Meta:
        model = Activity
        fields = (
            *RECORD_FIELDS,
            "type",
            "description",
            "metadata",
            "occurred_at",
            "due_at",
            "done_at",
            "deal_id",
            "contact_id",
            "customer_id",
            "owner_id",
        )


class ActivityUpdateSerializer(WriteSerializer):
    customer_id = serializers.UUIDField(required=False, allow_null=True, help_text="The golden customer.")

    class Meta:
        model = Activity
        fields: tuple[str, ...] = _WRITABLE


class ActivityCreateSerializer(ActivityUpdateSerializer):
    type = serializers.ChoiceField(
        choices=[choice for choice in ActivityType.choices if choice[0] not in RECORDED_BY_SYSTEM]
    )

    class Meta(ActivityUpdateSerializer.Meta):
        fields = ("type", *_WRITABLE)
        extra_kwargs = {"description": {"required": True, "allow_blank": False}}
