"""What the apps ask the platform, and what they are answered (`shared/platform_client/protocol.py`)."""

from __future__ import annotations

from rest_framework import serializers

from shared.api.fields import ObjectField
from shared.api.serializers import BodySerializer


class _Text(serializers.CharField):
    """A text as it was sent: its rules are the service's, so that they are the same for every edge."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(allow_blank=True, trim_whitespace=False, **kwargs)  # type: ignore[arg-type]


class CustomerSummarySerializer(serializers.Serializer):
    id = serializers.UUIDField()
    email = serializers.CharField()
    name = serializers.CharField()
    phone = serializers.CharField()
    account_tier = serializers.CharField()
    preferred_language = serializers.CharField()
    timezone = serializers.CharField()
    company_id = serializers.UUIDField(allow_null=True)
    company_name = serializers.CharField()


class CustomerSummaryChangeSerializer(BodySerializer):
    name = _Text(required=False)
    phone = _Text(required=False)
    account_tier = _Text(required=False)
    preferred_language = _Text(required=False)
    timezone = _Text(required=False)


class CustomerSyncSerializer(BodySerializer):
    email = _Text()
    name = _Text(required=False)
    phone = _Text(required=False)
    preferred_language = _Text(required=False)


class ContactDecisionSerializer(serializers.Serializer):
    allowed = serializers.BooleanField()
    reason = serializers.CharField()
    decided_at = serializers.DateTimeField()


class AnalysisSerializer(BodySerializer):
    customer_id = serializers.UUIDField()


class MessageRequestSerializer(BodySerializer):
    customer_id = serializers.UUIDField()
    subject = _Text(max_length=1000)
    question = _Text(max_length=100_000)
    passages = serializers.ListField(child=ObjectField(), max_length=50, required=False)


class DraftSerializer(serializers.Serializer):
    text = serializers.CharField()
    confidence = serializers.FloatField()
    sources = serializers.ListField(child=ObjectField())
    model = serializers.CharField()


class MessageDraftSerializer(serializers.Serializer):
    draft = DraftSerializer(allow_null=True, help_text="Null where there is nothing to suggest.")
