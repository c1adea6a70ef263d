"""Interactions, as answered and as sent."""

from __future__ import annotations

from platform_core.models import CustomerInteraction
from shared.api.serializers import ReadSerializer, WriteSerializer

_OWN = (
    "customer_id",
    "occurred_at",
    "interaction_type",
    "channel",
    "amount",
    "currency",
    "source",
    "external_id",
    "metadata",
)


class CustomerInteractionSerializer(ReadSerializer):
    class Meta:
        model = CustomerInteraction
        fields = ("id", "created_at", "created_by_app", *_OWN)


class CustomerInteractionWriteSerializer(WriteSerializer):
    class Meta:
        model = CustomerInteraction
        fields = _OWN
        extra_kwargs = {"occurred_at": {"required": False, "help_text": "Now, if not given."}}
