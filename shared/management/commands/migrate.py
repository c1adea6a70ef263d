from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.core.management.base import CommandError
from django.db import connections
from django_tenants.management.commands.migrate_schemas import MigrateSchemasCommand

from shared.domains.check.repair import apply_access
from shared.domains.patience import StillLockedError
from shared.domains.recorder import domain_of_label
from shared.domains.router import domains_in, lives_in
from shared.tenancy.rollout.following import follow_migrations
from shared.tenancy.rollout.subjects import RolloutRefusedError
from shared.tenancy.rollout.waves import RolloutFailedError

_PARTS = ("app_label", "fake", "plan", "check_unapplied", "prune")
"""Options with which not all is migrated: tables may not be what the models say."""


class Command(MigrateSchemasCommand):
    """django-tenants' own walks every tenant's schema too, past any wave. When all is migrated, older tables learn of
    younger domains."""

    help = "Bring the domains' schemas up to date; the tenants' own are brought up to date by rollout."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--hold",
            action="store_true",
            help="leave the tenants' own schemas, also where ROLL_OUT_AT_ONCE is set",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        label = options.get("app_label")
        if label in apps.app_configs and not lives_in(options["database"], label):
            raise CommandError(
                f"{label} does not live in the database {options['database']!r}: run manage.py migrate_domain "
                f"{domain_of_label(label)}, which finds the right one."
            )
        if options.get("tenant") or options.get("schema_name"):
            raise CommandError(
                "The tenants' own schemas are migrated by manage.py rollout, tenant by tenant."
            )
        hold = options.pop("hold", False)
        super().handle(*args, **{**options, "shared": True})
        if any(options.get(part) for part in _PARTS):
            return
        alias = options["database"]
        try:
            apply_access(connections[alias], domains_in(alias), say=self.stdout.write)
            if not hold:
                follow_migrations(alias, say=self.stdout.write)
        except (StillLockedError, RolloutRefusedError, RolloutFailedError) as error:
            raise CommandError(str(error)) from error
