"""/api/marketing/segments"""

from __future__ import annotations

from marketing.api.filters import SegmentFilter
from marketing.api.serializers.segment import (
    SegmentSerializer,
    SegmentVersionSerializer,
    SegmentWriteSerializer,
)
from marketing.selectors.segment import segments
from marketing.services.segment import create_segment, delete_segment, update_segment
from shared.api.reading import Expand
from shared.api.viewsets import RecordViewSet


class SegmentViewSet(RecordViewSet):
    """Groups of customers, described by a versioned tree of rules."""

    serializer_class = SegmentSerializer
    create_serializer = SegmentWriteSerializer
    selector = segments
    create_service = create_segment
    update_service = update_segment
    delete_service = delete_segment
    filterset_class = SegmentFilter
    expandable = {"versions": Expand(SegmentVersionSerializer, many=True, order_by=("-number",))}
