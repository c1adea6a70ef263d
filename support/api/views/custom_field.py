"""/api/support/custom-fields"""

from __future__ import annotations

from shared.api.custom_fields import CustomFieldViewSetBase
from support.models import CustomField


class CustomFieldViewSet(CustomFieldViewSetBase):
    """Fields that the organization adds to the records of support."""

    model = CustomField
