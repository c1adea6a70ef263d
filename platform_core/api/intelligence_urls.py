"""/api/intelligence/"""

from __future__ import annotations

from django.urls import path

from platform_core.api.views.platform_client import (
    AnalysisView,
    CustomerIntelligenceView,
    CustomerSyncView,
    MessageDraftView,
)

urlpatterns = [
    path("customer/<uuid:id>", CustomerIntelligenceView.as_view(), name="intelligence-customer"),
    path("customer/sync", CustomerSyncView.as_view(), name="intelligence-customer-sync"),
    path("analyze", AnalysisView.as_view(), name="intelligence-analyze"),
    path("generate-message", MessageDraftView.as_view(), name="intelligence-generate-message"),
]
