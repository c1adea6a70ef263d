from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.db import connections
from django_tenants.management.commands.migrate_schemas import MigrateSchemasCommand

from shared.domains.check.repair import apply_access
from shared.domains.patience import StillLockedError
from shared.domains.router import domains_in

_PARTS = ("app_label", "fake", "plan", "check_unapplied", "prune", "tenant")
"""Options with which not all is migrated: tables may not be what the models say."""


class Command(MigrateSchemasCommand):
    """django-tenants' own walks every tenant's schema too, and fails on one that has not been made yet. When all is
    migrated, older tables learn of younger domains."""

    help = "Bring the domains' schemas up to date; the tenants' own are brought up to date by provision."

    def handle(self, *args: Any, **options: Any) -> None:
        if not options.get("tenant") and not options.get("schema_name"):
            options["shared"] = True
        super().handle(*args, **options)
        if options.get("shared") and not any(options.get(part) for part in _PARTS):
            alias = options["database"]
            try:
                apply_access(connections[alias], domains_in(alias), say=self.stdout.write)
            except StillLockedError as error:
                raise CommandError(str(error)) from error
