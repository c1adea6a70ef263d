"""/api/crm/customer-references"""

from __future__ import annotations

from crm.api.filters import CustomerReferenceFilter
from crm.api.serializers.customer_reference import CustomerReferenceSerializer
from crm.selectors.customer_reference import customer_references
from shared.api.viewsets import RecordViewSet


class CustomerReferenceViewSet(RecordViewSet):
    """The golden customers that sales works with. Read-only: they follow the platform."""

    serializer_class = CustomerReferenceSerializer
    selector = customer_references
    filterset_class = CustomerReferenceFilter
