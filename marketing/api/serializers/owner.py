"""The person to whom something belongs, as an expansion."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_serializer

from shared.api.serializers import ReadSerializer
from shared.tenancy.models import UserProfile


@extend_schema_serializer(component_name="MarketingOwner")
class OwnerSerializer(ReadSerializer):
    class Meta:
        model = UserProfile
        fields = ("id", "name", "email")
