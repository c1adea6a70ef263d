"""The person to whom something belongs, as an expansion."""

from __future__ import annotations

from shared.api.serializers import ReadSerializer
from shared.tenancy.models import UserProfile


class OwnerSerializer(ReadSerializer):
    class Meta:
        model = UserProfile
        fields = ("id", "name", "email")
