"""Companies, as answered and as sent."""

from __future__ import annotations

from platform_core.models import Company
from shared.api.serializers import RECORD_FIELDS, ReadSerializer, WriteSerializer


class CompanySerializer(ReadSerializer):
    class Meta:
        model = Company
        fields = (*RECORD_FIELDS, "name", "domain", "industry", "phone", "country")


class CompanyWriteSerializer(WriteSerializer):
    class Meta:
        model = Company
        fields = ("name", "domain", "industry", "phone", "country", "custom_fields")
