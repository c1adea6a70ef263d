"""Contacts, as answered and as sent."""

from __future__ import annotations

from rest_framework import serializers

from crm.models import Contact
from shared.api.serializers import RECORD_FIELDS, ReadSerializer, WriteSerializer


class ContactSerializer(ReadSerializer):
    class Meta:
        model = Contact
        fields = (*RECORD_FIELDS, "customer_id", "company_id", "company_name", "role_title", "is_primary")


class ContactUpdateSerializer(WriteSerializer):
    class Meta:
        model = Contact
        fields: tuple[str, ...] = ("role_title", "is_primary", "custom_fields")


class ContactCreateSerializer(ContactUpdateSerializer):
    customer_id = serializers.UUIDField(help_text="The golden customer; they need a company there.")

    class Meta(ContactUpdateSerializer.Meta):
        fields = ("customer_id", *ContactUpdateSerializer.Meta.fields)
