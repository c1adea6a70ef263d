"""URLs: the back office, health, the API's documents, and each domain's API below /api/."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView

from shared.api.activity import ActivityView
from shared.api.elsewhere import served_elsewhere
from shared.api.undo import UndoRequestView
from shared.domains.registry import domains, serves
from shared.metrics.views import metrics


def _api_urls() -> list[URLPattern | URLResolver]:
    """``<app>.api.urls`` of each served domain, ``<app>.api.<prefix>_urls`` for a further prefix; for the others a
    view that says where they are."""
    mounted: list[URLPattern | URLResolver] = []
    for domain in domains():
        for prefix in domain.api:
            module = f"{domain.app}.api.{'urls' if prefix == domain.name else f'{prefix}_urls'}"
            if not serves(domain.name):
                mounted.append(re_path(rf"^api/{prefix}(/|$)", served_elsewhere(domain)))
            elif find_spec(f"{domain.app}.api") and find_spec(module):
                if prefix == domain.name:
                    undo = UndoRequestView.as_view(acting_domain=domain.name)
                    mounted.append(path(f"api/{prefix}/undo", undo, name=f"{prefix}-undo"))
                    activity = ActivityView.as_view(acting_domain=domain.name)
                    mounted.append(path(f"api/{prefix}/activity", activity, name=f"{prefix}-activity"))
                mounted.append(path(f"api/{prefix}/", include(module)))
    return mounted


urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("admin/", admin.site.urls),
    path("health/", include("shared.health.urls")),
    path("metrics", metrics, name="metrics"),
    *_api_urls(),
    path("api/", include("shared.api.urls")),
]
handler400 = "shared.api.urls.handler400"
handler500 = "shared.api.urls.handler500"
