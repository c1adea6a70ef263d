"""What the apps hold of customers, as answered."""

from __future__ import annotations

from rest_framework import serializers

from platform_core.api.serializers.customer import CustomerSerializer
from platform_core.api.serializers.profile import CustomerProfileSerializer
from platform_core.models import CustomerRecord, TimelineEntry
from shared.api.serializers import RECORD_FIELDS, ReadSerializer


class CustomerRecordSerializer(ReadSerializer):
    class Meta:
        model = CustomerRecord
        fields = (
            *RECORD_FIELDS,
            "customer_id",
            "domain",
            "kind",
            "entity",
            "record_id",
            "title",
            "status",
            "amount",
            "currency",
            "began_at",
            "ended_at",
        )


class TimelineEntrySerializer(ReadSerializer):
    class Meta:
        model = TimelineEntry
        fields = ("id", "customer_id", "at", "domain", "kind", "record_id", "what", "title", "status")


class CustomerOverviewSerializer(serializers.Serializer):
    customer = CustomerSerializer()
    profile = CustomerProfileSerializer(allow_null=True, help_text="Null while nothing has been computed.")
    records = CustomerRecordSerializer(many=True, help_text="The newest of the apps, up to 50.")
    timeline = TimelineEntrySerializer(many=True, help_text="The newest 50 entries.")
