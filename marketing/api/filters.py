"""Filters of marketing's lists; each reaches an index under row-level security."""

from __future__ import annotations

from marketing.models import Campaign, Segment
from shared.api.filters import FilterSet, NormalisedFilter


class SegmentFilter(FilterSet):
    name = NormalisedFilter(field_name="name_norm", label="Name in any case")

    class Meta:
        model = Segment
        fields = {"created_at": ["gte", "lt"]}


class CampaignFilter(FilterSet):
    name = NormalisedFilter(field_name="name_norm", label="Name in any case")

    class Meta:
        model = Campaign
        fields = {
            "status": ["exact"],
            "segment": ["exact"],
            "owner": ["exact"],
            "created_at": ["gte", "lt"],
        }
