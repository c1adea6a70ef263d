"""/api/platform/customer-profiles and /api/intelligence/customer/{id}"""

from __future__ import annotations

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from platform_core.api.filters import CustomerProfileFilter
from platform_core.api.serializers.archetype import (
    ArchetypeL1Serializer,
    ArchetypeL2Serializer,
    ArchetypeL3Serializer,
)
from platform_core.api.serializers.customer import CustomerSerializer
from platform_core.api.serializers.profile import CustomerIntelligenceSerializer, CustomerProfileSerializer
from platform_core.selectors.profile import get_intelligence
from shared.api.reading import Expand
from shared.api.views import ApiView
from shared.api.viewsets import RecordViewSet


class CustomerProfileViewSet(RecordViewSet):
    """What has been computed about customers' behaviour; one per customer."""

    serializer_class = CustomerProfileSerializer
    filterset_class = CustomerProfileFilter
    expandable = {
        "customer": Expand(CustomerSerializer),
        "archetype_l1": Expand(ArchetypeL1Serializer),
        "archetype_l2": Expand(ArchetypeL2Serializer),
        "archetype_l3": Expand(ArchetypeL3Serializer),
    }


class CustomerIntelligenceView(ApiView):
    """Profile, archetype and tier of one customer ("customer DNA")."""

    @extend_schema(
        operation_id="intelligence_customer_retrieve", responses={200: CustomerIntelligenceSerializer}
    )
    def get(self, request: Request, id: uuid.UUID) -> Response:
        """What is known about the customer; profile and archetype are null while nothing has been computed."""
        self.read_parameters()
        with self.unit():
            found = get_intelligence(id)
        return Response({"customer_id": id, **found.as_dict()})
