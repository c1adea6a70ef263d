"""URLs below /health/."""

from django.urls import path

from shared.health.views import live, migrations, ready

urlpatterns = [
    path("live", live, name="health-live"),
    path("ready", ready, name="health-ready"),
    path("migrations", migrations, name="health-migrations"),
]
