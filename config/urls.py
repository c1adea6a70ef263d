"""URLs: the back office, health, the API's documents, and each domain's API below /api/."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from shared.domains import domains


def _api_urls() -> list[URLPattern | URLResolver]:
    """``<app>.api.urls`` of each domain, ``<app>.api.<prefix>_urls`` for a further prefix."""
    mounted: list[URLPattern | URLResolver] = []
    for domain in domains():
        for prefix in domain.api:
            module = f"{domain.app}.api.{'urls' if prefix == domain.name else f'{prefix}_urls'}"
            if find_spec(f"{domain.app}.api") and find_spec(module):
                mounted.append(path(f"api/{prefix}/", include(module)))
    return mounted


urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("admin/", admin.site.urls),
    path("health/", include("shared.health.urls")),
    *_api_urls(),
    path("api/", include("shared.api.urls")),
]
handler400 = "shared.api.urls.handler400"
handler500 = "shared.api.urls.handler500"
