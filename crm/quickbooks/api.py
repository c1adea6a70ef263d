"""/api/crm/quickbooks/customers"""

from __future__ import annotations

from typing import Any

import django_filters

from crm.quickbooks.models import QuickbooksCustomer
from crm.quickbooks.selectors import quickbooks_customers, with_email
from shared.api.filters import FilterSet
from shared.api.serializers import RECORD_FIELDS, ReadSerializer
from shared.api.viewsets import RecordViewSet


class QuickbooksCustomerSerializer(ReadSerializer):
    class Meta:
        model = QuickbooksCustomer
        fields = (
            *RECORD_FIELDS,
            "external_id",
            "customer_id",
            "display_name",
            "email",
            "sync_token",
            "last_synced_at",
        )


class EmailFilter(django_filters.CharFilter):
    """Equality with an e-mail, whatever its case, in older and newer schemas of tenants."""

    def filter(self, qs: Any, value: Any) -> Any:
        return qs.filter(with_email(value)) if value else qs


class QuickbooksCustomerFilter(FilterSet):
    email = EmailFilter()

    class Meta:
        model = QuickbooksCustomer
        fields = {"external_id": ["exact"], "customer_id": ["exact", "isnull"]}


class QuickbooksCustomerViewSet(RecordViewSet):
    """Customers as QuickBooks keeps them. Read-only; a 404 says that QuickBooks is not connected."""

    serializer_class = QuickbooksCustomerSerializer
    selector = quickbooks_customers
    filterset_class = QuickbooksCustomerFilter
