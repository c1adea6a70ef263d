"""Segments, as answered and as sent."""

from __future__ import annotations

from marketing.models import Segment, SegmentVersion
from shared.api.serializers import RECORD_FIELDS, ReadSerializer, WriteSerializer


class SegmentSerializer(ReadSerializer):
    class Meta:
        model = Segment
        fields = (*RECORD_FIELDS, "name", "description", "rules", "rules_version")


class SegmentWriteSerializer(WriteSerializer):
    class Meta:
        model = Segment
        fields = ("name", "description", "rules", "custom_fields")


class SegmentVersionSerializer(ReadSerializer):
    class Meta:
        model = SegmentVersion
        fields = ("id", "number", "rules", "author", "created_at")
