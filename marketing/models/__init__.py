"""Models of the marketing domain, one module per noun."""

from marketing.models.campaign import Campaign
from marketing.models.custom_field import CustomField, CustomFieldTerm, CustomFieldValue
from marketing.models.segment import Segment, SegmentVersion

__all__ = ["Campaign", "CustomField", "CustomFieldTerm", "CustomFieldValue", "Segment", "SegmentVersion"]
