"""URLs of the platform: each domain mounts its own below /api/."""

from importlib import import_module

from django.urls import URLPattern, URLResolver, include, path

from config.settings.domains import DOMAINS

urlpatterns: list[URLPattern | URLResolver] = []
for domain in DOMAINS:
    for prefix in domain.api:
        module = "urls" if prefix == domain.name else f"{prefix}_urls"
        try:
            import_module(f"{domain.app}.api.{module}")
        except ModuleNotFoundError:
            continue
        urlpatterns.append(path(f"api/{prefix}/", include(f"{domain.app}.api.{module}")))
