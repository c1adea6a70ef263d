"""One list endpoint, as a router makes it."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import DefaultRouter

from bench.baselines.stock_drf.views import TicketViewSet

router = DefaultRouter()
router.register("tickets", TicketViewSet)
urlpatterns = [path("api/", include(router.urls))]
