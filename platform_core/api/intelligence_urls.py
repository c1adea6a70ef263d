"""/api/intelligence/"""

from __future__ import annotations

from django.urls import path

from platform_core.api.views.profile import CustomerIntelligenceView

urlpatterns = [
    path("customer/<uuid:id>", CustomerIntelligenceView.as_view(), name="intelligence-customer"),
]
