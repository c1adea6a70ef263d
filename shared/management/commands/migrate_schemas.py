from __future__ import annotations

from typing import Any, NoReturn

from django.core.management.base import CommandError
from django_tenants.management.commands.migrate_schemas import MigrateSchemasCommand


class Command(MigrateSchemasCommand):
    """django-tenants' own would bring every tenant forward at once, past any wave."""

    help = "Refused: migrate_domains brings the domains up to date, rollout the tenants' own schemas."

    def handle(self, *args: Any, **options: Any) -> NoReturn:
        raise CommandError(
            "migrate_schemas would pass the rollout by: run manage.py migrate_domains for the domains, and "
            "manage.py rollout for the tenants' own schemas."
        )
