from __future__ import annotations

from typing import Any

from django_tenants.management.commands.migrate_schemas import MigrateSchemasCommand


class Command(MigrateSchemasCommand):
    """django-tenants' own walks every tenant's schema too, and fails on one that has not been made yet."""

    help = "Bring the domains' schemas up to date; the tenants' own are brought up to date by provision."

    def handle(self, *args: Any, **options: Any) -> None:
        if not options.get("tenant") and not options.get("schema_name"):
            options["shared"] = True
        super().handle(*args, **options)
