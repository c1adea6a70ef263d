"""/api/crm/"""

from __future__ import annotations

from django.urls import include, path

from crm.api.views.activity import ActivityViewSet
from crm.api.views.contact import ContactViewSet
from crm.api.views.custom_field import CustomFieldViewSet
from crm.api.views.customer_reference import CustomerReferenceViewSet
from crm.api.views.deal import DealViewSet
from crm.api.views.pipeline import PipelineViewSet, StageViewSet
from shared.api.routers import RecordRouter

router = RecordRouter()
router.register("customer-references", CustomerReferenceViewSet)
router.register("pipelines", PipelineViewSet)
router.register("stages", StageViewSet)
router.register("deals", DealViewSet)
router.register("contacts", ContactViewSet)
router.register("activities", ActivityViewSet)
router.register("custom-fields", CustomFieldViewSet)

urlpatterns = [*router.urls, path("quickbooks/", include("crm.quickbooks.urls"))]
