"""References of golden customers, as answered."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_serializer

from crm.models import CustomerReference
from shared.api.serializers import RECORD_FIELDS, ReadSerializer


@extend_schema_serializer(component_name="CrmCustomerReference")
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
