"""URLs of record view sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.routers import SimpleRouter

_SERVICES = {"create": "create_service", "partial_update": "update_service", "destroy": "delete_service"}


class RecordRouter(SimpleRouter):
    """``router.register("tickets", TicketViewSet)``; urlpatterns = router.urls.

    Methods without a service are not routed, so they answer 405 and are not in the OpenAPI document. There is no PUT.
    """

    def __init__(self) -> None:
        super().__init__(trailing_slash=False, use_regex_path=False)

    def get_method_map(self, viewset: Any, method_map: Mapping[str, str]) -> dict[str, str]:
        found = super().get_method_map(viewset, method_map)
        return {
            method: action
            for method, action in found.items()
            if action not in _SERVICES or getattr(viewset, _SERVICES[action], None) is not None
        }

    def get_default_basename(self, viewset: Any) -> str:
        meta = viewset.model._meta
        return f"{meta.app_label}-{meta.model_name}"
