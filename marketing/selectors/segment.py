"""Reading segments."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from django.db.models import QuerySet

from marketing.models import Segment, SegmentVersion
from shared.errors import NotFound


def segments() -> QuerySet[Segment]:
    """The tenant's segments."""
    return Segment.objects.all()


def get_segment(segment_id: uuid.UUID, *, lock: bool = False) -> Segment:
    """The segment, or raises NotFound; ``lock`` holds its row until the unit ends."""
    rows = Segment.objects.select_for_update() if lock else Segment.objects
    segment = rows.filter(pk=segment_id).first()
    if segment is None:
        raise NotFound("There is no such segment: list /api/marketing/segments for those you have.")
    return segment


def find_segment(segment_id: uuid.UUID) -> Segment | None:
    """The segment, or None."""
    return Segment.objects.filter(pk=segment_id).first()


def versions_of_segment(segment_id: uuid.UUID) -> QuerySet[SegmentVersion]:
    """What the segment's rules were, newest first."""
    return SegmentVersion.objects.filter(segment_id=segment_id).order_by("-number")


def rules_of_segments(segment_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, object]:
    """The rules in force of those segments that exist, by id."""
    return dict(Segment.objects.filter(pk__in=segment_ids).values_list("pk", "rules"))
