"""/api/marketing/custom-fields"""

from __future__ import annotations

from marketing.models import CustomField
from shared.api.custom_fields import CustomFieldViewSetBase


class CustomFieldViewSet(CustomFieldViewSetBase):
    """Fields that the organization adds to the records of marketing."""

    model = CustomField
