"""/api/platform/customer-records, /api/platform/timeline, and a customer seen from all sides"""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from platform_core.api.filters import CustomerRecordFilter, TimelineEntryFilter
from platform_core.api.serializers.customer import CustomerSerializer
from platform_core.api.serializers.customer_record import (
    CustomerOverviewSerializer,
    CustomerRecordSerializer,
    TimelineEntrySerializer,
)
from platform_core.selectors.customer import get_customer
from platform_core.selectors.customer_record import records_in, timeline_in
from platform_core.selectors.profile import find_profile
from shared.api.as_of import AS_OF, PARAMETER
from shared.api.caller import readable_domains
from shared.api.query import read_parameters
from shared.api.reading import Expand
from shared.api.views import ApiView
from shared.api.viewsets import RecordViewSet

NEWEST = 50
"""So many records and entries are in an overview; their lists have the others."""


class CustomerRecordViewSet(RecordViewSet):
    """What the apps hold of customers: tickets, deals, activities …; of the apps that the caller may read."""

    serializer_class = CustomerRecordSerializer
    filterset_class = CustomerRecordFilter
    expandable = {"customer": Expand(CustomerSerializer)}

    def rows(self) -> QuerySet[Any]:
        return records_in(readable_domains(self.caller))


class TimelineViewSet(RecordViewSet):
    """What happened with customers, in all apps that the caller may read; the latest first."""

    serializer_class = TimelineEntrySerializer
    filterset_class = TimelineEntryFilter
    ordering = "-at"
    expandable = {"customer": Expand(CustomerSerializer)}

    def rows(self) -> QuerySet[Any]:
        return timeline_in(readable_domains(self.caller))


class CustomerOverviewView(ApiView):
    """A customer seen from all sides."""

    looks_back = True

    @extend_schema(responses=CustomerOverviewSerializer, parameters=[PARAMETER], tags=["platform"])
    def get(self, request: Request, id: uuid.UUID) -> Response:
        """Customer, profile, what the apps hold of them, and what happened last; as of a moment, too."""
        read_parameters(request.query_params, {AS_OF})
        domains = readable_domains(self.caller)
        with self.reading_unit():
            said = {
                "customer": get_customer(id),
                "profile": find_profile(id),
                "records": list(
                    records_in(domains).filter(customer_id=id).order_by("-began_at", "-id")[:NEWEST]
                ),
                "timeline": list(timeline_in(domains).filter(customer_id=id).order_by("-at", "-id")[:NEWEST]),
            }
            return Response(CustomerOverviewSerializer(said).data)
