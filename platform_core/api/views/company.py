"""/api/platform/companies"""

from __future__ import annotations

from platform_core.api.filters import CompanyFilter
from platform_core.api.serializers.company import CompanySerializer, CompanyWriteSerializer
from platform_core.selectors.company import companies
from platform_core.services.company import create_company, delete_company, update_company
from shared.api.viewsets import RecordViewSet


class CompanyViewSet(RecordViewSet):
    """Companies that customers belong to; one of a name."""

    serializer_class = CompanySerializer
    create_serializer = update_serializer = CompanyWriteSerializer
    selector = companies
    create_service = create_company
    update_service = update_company
    delete_service = delete_company
    filterset_class = CompanyFilter
