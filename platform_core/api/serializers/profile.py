"""Profiles, and what is known about a customer as a whole."""

from __future__ import annotations

from rest_framework import serializers

from platform_core.models import CustomerProfile
from shared.api.serializers import RECORD_FIELDS, ReadSerializer


class CustomerProfileSerializer(ReadSerializer):
    class Meta:
        model = CustomerProfile
        fields = (
            *RECORD_FIELDS,
            "customer_id",
            "last_interaction_at",
            "interaction_count",
            "recency",
            "frequency",
            "monetary_value",
            "currency",
            "archetype_l1_id",
            "archetype_l1_probability",
            "archetype_l2_id",
            "archetype_l2_probability",
            "archetype_l3_id",
            "archetype_l3_probability",
            "expected_purchases",
            "probability_alive",
            "lifetime_value",
            "churn_risk",
            "features",
            "model_name",
            "model_version",
            "computed_at",
        )


class ModelReferenceSerializer(serializers.Serializer):
    name = serializers.CharField()
    version = serializers.CharField()


class ProfileValuesSerializer(serializers.Serializer):
    last_interaction_at = serializers.DateTimeField(allow_null=True)
    interaction_count = serializers.IntegerField()
    recency = serializers.IntegerField(
        allow_null=True, help_text="Days from the last purchase to the newest data."
    )
    frequency = serializers.IntegerField(help_text="Number of purchases.")
    monetary_value = serializers.DecimalField(max_digits=18, decimal_places=2)
    currency = serializers.CharField()
    expected_purchases = serializers.FloatField(allow_null=True)
    probability_alive = serializers.FloatField(allow_null=True)
    lifetime_value = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True)
    churn_risk = serializers.FloatField(allow_null=True)
    features = serializers.DictField()
    model = ModelReferenceSerializer(allow_null=True)
    computed_at = serializers.DateTimeField(allow_null=True)


class ArchetypeLevelSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    probability = serializers.FloatField(allow_null=True)


class ArchetypeLevelsSerializer(serializers.Serializer):
    l1 = ArchetypeLevelSerializer(allow_null=True)
    l2 = ArchetypeLevelSerializer(allow_null=True)
    l3 = ArchetypeLevelSerializer(allow_null=True)


class CustomerIntelligenceSerializer(serializers.Serializer):
    customer_id = serializers.UUIDField()
    profile = ProfileValuesSerializer(allow_null=True, help_text="Null while nothing has been computed.")
    archetype = ArchetypeLevelsSerializer(allow_null=True)
    tier = serializers.CharField()
