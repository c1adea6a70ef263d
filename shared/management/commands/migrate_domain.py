from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shared.domains.migrating import MigrationRefusedError, Migrator, migrators_of
from shared.domains.patience import StillLockedError
from shared.domains.recorder import KIT
from shared.records.versions.filling import fill_all
from shared.records.versions.upkeep import settle_all


class Command(BaseCommand):
    help = (
        "Migrate one domain and leave the others alone: migrate_domain support, migrate_domain support 0002, "
        f"migrate_domain support zero. The name {KIT} stands for the kit's own tables."
    )
    requires_system_checks = ()  # those look at every page and endpoint, and a migration needs none of them

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help=f"the domain, or {KIT}")
        parser.add_argument(
            "migration",
            nargs="?",
            help="a migration, or its beginning, to go to; zero takes all back; the newest when not given",
        )
        parser.add_argument("--plan", action="store_true", help="only say what would be done")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"]
        try:
            for migrator in migrators_of(name, self.stdout.write):
                if options["plan"]:
                    self._print(migrator, options["migration"])
                    continue
                with migrator.alone():
                    plan = migrator.plan(options["migration"])
                    migrator.run(plan)
                if plan:
                    settle_all(migrator.connection, say=self.stdout.write, domain=name)
                    fill_all(migrator.connection, say=self.stdout.write, domain=name)
                self.stdout.write(f"{name}: {len(plan)} done." if plan else f"{name}: nothing to do.")
        except (MigrationRefusedError, StillLockedError) as error:
            raise CommandError(str(error)) from error

    def _print(self, migrator: Migrator, target: str | None) -> None:
        for migration, backwards in migrator.plan(target):
            self.stdout.write(f"  would {'take back' if backwards else 'apply'} {migration}")
