"""/api/support/customer-references"""

from __future__ import annotations

from shared.api.viewsets import RecordViewSet
from support.api.filters import CustomerReferenceFilter
from support.api.serializers.customer_reference import CustomerReferenceSerializer
from support.selectors.customer_reference import customer_references


class CustomerReferenceViewSet(RecordViewSet):
    """The golden customers that support has met, as the platform last described them."""

    serializer_class = CustomerReferenceSerializer
    selector = customer_references
    filterset_class = CustomerReferenceFilter
