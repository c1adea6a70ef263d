"""/api/platform/"""

from __future__ import annotations

from django.urls import path

from platform_core.api.views.archetype import (
    ArchetypeL1ViewSet,
    ArchetypeL2ViewSet,
    ArchetypeL3ViewSet,
    ArchetypeViewSet,
)
from platform_core.api.views.company import CompanyViewSet
from platform_core.api.views.custom_field import CustomFieldViewSet
from platform_core.api.views.customer import (
    CustomerIdentifierViewSet,
    CustomerInteractionViewSet,
    CustomerViewSet,
)
from platform_core.api.views.customer_record import (
    CustomerOverviewView,
    CustomerRecordViewSet,
    TimelineViewSet,
)
from platform_core.api.views.platform_client import (
    ContactDecisionView,
    CustomerByEmailView,
    CustomerSummaryView,
)
from platform_core.api.views.profile import CustomerProfileViewSet
from shared.api.routers import RecordRouter

router = RecordRouter()
router.register("customers", CustomerViewSet)
router.register("companies", CompanyViewSet)
router.register("customer-identifiers", CustomerIdentifierViewSet)
router.register("customer-interactions", CustomerInteractionViewSet)
router.register("customer-profiles", CustomerProfileViewSet)
router.register("customer-records", CustomerRecordViewSet)
router.register("timeline", TimelineViewSet)
router.register("archetypes", ArchetypeViewSet)
router.register("archetype-levels/l1", ArchetypeL1ViewSet)
router.register("archetype-levels/l2", ArchetypeL2ViewSet)
router.register("archetype-levels/l3", ArchetypeL3ViewSet)
router.register("custom-fields", CustomFieldViewSet)

urlpatterns = [
    path("customers/by-email", CustomerByEmailView.as_view(), name="customer-by-email"),
    path("customers/<uuid:id>/summary", CustomerSummaryView.as_view(), name="customer-summary"),
    path("customers/<uuid:id>/overview", CustomerOverviewView.as_view(), name="customer-overview"),
    path("customers/<uuid:id>/may-contact", ContactDecisionView.as_view(), name="customer-may-contact"),
    *router.urls,
]
