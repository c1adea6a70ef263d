"""/api/platform/customer-profiles"""

from __future__ import annotations

from platform_core.api.filters import CustomerProfileFilter
from platform_core.api.serializers.archetype import (
    ArchetypeL1Serializer,
    ArchetypeL2Serializer,
    ArchetypeL3Serializer,
)
from platform_core.api.serializers.customer import CustomerSerializer
from platform_core.api.serializers.profile import CustomerProfileSerializer
from shared.api.reading import Expand
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
