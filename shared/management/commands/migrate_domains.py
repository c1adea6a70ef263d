from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from shared.domains.check.repair import apply_access
from shared.domains.migrating import MigrationRefusedError, migrators
from shared.domains.patience import StillLockedError
from shared.domains.router import database_aliases, domains_in
from shared.tenancy.rollout.following import follow_migrations
from shared.tenancy.rollout.subjects import RolloutRefusedError
from shared.tenancy.rollout.waves import RolloutFailedError


class Command(BaseCommand):
    help = (
        "Bring every domain up to date, in every database: the kit's own tables first, then domain by domain. "
        "Then older tables learn of younger domains."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--plan", action="store_true", help="only say what would be done")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for migrator in migrators(self.stdout.write):
                database = connections[migrator.connection.alias].settings_dict["NAME"]
                self.stdout.write(f"Database {database}: {', '.join(migrator.names)}")
                if options["plan"]:
                    for migration, _ in migrator.plan():
                        self.stdout.write(f"  would apply {migration}")
                    continue
                with migrator.alone():
                    plan = migrator.plan()
                    migrator.run(plan)
                apply_access(
                    migrator.connection, domains_in(migrator.connection.alias), say=self.stdout.write
                )
                if not plan:
                    self.stdout.write("  nothing to do")
            for alias in [] if options["plan"] else database_aliases():
                follow_migrations(alias, say=self.stdout.write)
        except (MigrationRefusedError, StillLockedError, RolloutRefusedError, RolloutFailedError) as error:
            raise CommandError(str(error)) from error
