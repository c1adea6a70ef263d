"""References of golden customers, as answered."""

from __future__ import annotations

from shared.api.serializers import RECORD_FIELDS, ReadSerializer
from support.models import CustomerReference


class CustomerReferenceSerializer(ReadSerializer):
    class Meta:
        model = CustomerReference
        fields = (
            *RECORD_FIELDS,
            "customer_id",
            "email",
            "name",
            "tier",
            "language",
            "company_id",
            "company_name",
            "last_synced_at",
        )
