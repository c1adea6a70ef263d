"""Customers and their identifiers, as answered and as sent."""

from __future__ import annotations

from platform_core.models import Customer, CustomerIdentifier
from shared.api.serializers import RECORD_FIELDS, ReadSerializer, WriteSerializer

_OWN = (
    "email",
    "name",
    "phone",
    "company_id",
    "crm_id",
    "support_id",
    "account_tier",
    "account_manager_id",
    "preferred_language",
    "timezone",
)


class CustomerSerializer(ReadSerializer):
    class Meta:
        model = Customer
        fields = (*RECORD_FIELDS, *_OWN)


class CustomerWriteSerializer(WriteSerializer):
    class Meta:
        model = Customer
        fields = (*_OWN, "custom_fields")
        extra_kwargs = {"phone": {"max_length": 40, "validators": []}}  # the service writes it in E.164


class CustomerIdentifierSerializer(ReadSerializer):
    class Meta:
        model = CustomerIdentifier
        fields = (
            *RECORD_FIELDS,
            "customer_id",
            "kind",
            "value",
            "value_norm",
            "verified_at",
            "source",
            "is_primary",
        )


class CustomerIdentifierUpdateSerializer(WriteSerializer):
    class Meta:
        model = CustomerIdentifier
        fields: tuple[str, ...] = ("verified_at", "source", "is_primary", "custom_fields")


class CustomerIdentifierCreateSerializer(CustomerIdentifierUpdateSerializer):
    class Meta(CustomerIdentifierUpdateSerializer.Meta):
        fields = ("customer_id", "kind", "value", *CustomerIdentifierUpdateSerializer.Meta.fields)
