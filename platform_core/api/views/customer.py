"""/api/platform/customers and what hangs on them"""

from __future__ import annotations

from platform_core.api.filters import CustomerFilter, CustomerIdentifierFilter, CustomerInteractionFilter
from platform_core.api.serializers.company import CompanySerializer
from platform_core.api.serializers.customer import (
    CustomerIdentifierCreateSerializer,
    CustomerIdentifierSerializer,
    CustomerIdentifierUpdateSerializer,
    CustomerSerializer,
    CustomerWriteSerializer,
)
from platform_core.api.serializers.interaction import (
    CustomerInteractionSerializer,
    CustomerInteractionWriteSerializer,
)
from platform_core.api.serializers.profile import CustomerProfileSerializer
from platform_core.selectors.customer import customers
from platform_core.services.customer import create_customer, delete_customer, update_customer
from platform_core.services.identifier import add_identifier, remove_identifier, update_identifier
from platform_core.services.interaction import record_interaction
from shared.api.reading import Expand
from shared.api.viewsets import RecordViewSet


class CustomerViewSet(RecordViewSet):
    """The golden record of customers; the e-mail is unique, in any case."""

    serializer_class = CustomerSerializer
    create_serializer = update_serializer = CustomerWriteSerializer
    selector = customers
    create_service = create_customer
    update_service = update_customer
    delete_service = delete_customer
    filterset_class = CustomerFilter
    expandable = {
        "company": Expand(CompanySerializer),
        "identifiers": Expand(CustomerIdentifierSerializer, many=True),
        "profiles": Expand(CustomerProfileSerializer, many=True, limit=1),
    }


class CustomerIdentifierViewSet(RecordViewSet):
    """Further e-mails, phones and ids by which customers are recognised."""

    serializer_class = CustomerIdentifierSerializer
    create_serializer = CustomerIdentifierCreateSerializer
    update_serializer = CustomerIdentifierUpdateSerializer
    create_service = add_identifier
    update_service = update_identifier
    delete_service = remove_identifier
    filterset_class = CustomerIdentifierFilter
    expandable = {"customer": Expand(CustomerSerializer)}


class CustomerInteractionViewSet(RecordViewSet):
    """What customers did; recorded once, never changed."""

    serializer_class = CustomerInteractionSerializer
    create_serializer = CustomerInteractionWriteSerializer
    create_service = record_interaction
    filterset_class = CustomerInteractionFilter
    ordering = "-occurred_at"
    expandable = {"customer": Expand(CustomerSerializer)}
