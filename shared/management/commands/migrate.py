from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.management.base import CommandError
from django.db import connections
from django_tenants.management.commands.migrate_schemas import MigrateSchemasCommand

from shared.domains.check.repair import apply_access
from shared.domains.patience import StillLockedError
from shared.domains.recorder import domain_of_label
from shared.domains.router import domains_in, lives_in

_PARTS = ("app_label", "fake", "plan", "check_unapplied", "prune", "tenant")
"""Options with which not all is migrated: tables may not be what the models say."""


class Command(MigrateSchemasCommand):
    """django-tenants' own walks every tenant's schema too, and fails on one that has not been made yet. When all is
    migrated, older tables learn of younger domains."""

    help = "Bring the domains' schemas up to date; the tenants' own are brought up to date by provision."

    def handle(self, *args: Any, **options: Any) -> None:
        label = options.get("app_label")
        if label in apps.app_configs and not lives_in(options["database"], label):
            raise CommandError(
                f"{label} does not live in the database {options['database']!r}: run manage.py migrate_domain "
                f"{domain_of_label(label)}, which finds the right one."
            )
        if not options.get("tenant") and not options.get("schema_name"):
            options["shared"] = True
        super().handle(*args, **options)
        if options.get("shared") and not any(options.get(part) for part in _PARTS):
            alias = options["database"]
            try:
                apply_access(connections[alias], domains_in(alias), say=self.stdout.write)
            except StillLockedError as error:
                raise CommandError(str(error)) from error
