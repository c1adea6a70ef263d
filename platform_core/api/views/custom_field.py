"""/api/platform/custom-fields"""

from __future__ import annotations

from platform_core.models import CustomField
from shared.api.custom_fields import CustomFieldViewSetBase


class CustomFieldViewSet(CustomFieldViewSetBase):
    """Fields that the organization adds to the records of the platform."""

    model = CustomField
