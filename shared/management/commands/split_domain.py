from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from shared.domains.moving import MoveError, move_domain
from shared.domains.moving.environment import environment_files
from shared.domains.patience import StillLockedError
from shared.domains.provision import ProvisionError
from shared.domains.registry import UnknownDomainError, get_domain


class Command(BaseCommand):
    help = (
        "Move a domain to a database of its own, or back, while it is in use. Writers wait less than a second; a move "
        "that was cut off goes on when the same command is run again."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("domain", help="the domain that moves: platform, support …")
        parser.add_argument(
            "--to",
            required=True,
            metavar="URL",
            help="the database to move to, with a login that may create roles there; made if it does not exist",
        )
        parser.add_argument(
            "--env-file",
            action="append",
            default=[],
            metavar="FILE",
            help="a file from which processes read their environment: it gets the new URL, and they follow without a "
            "restart (default: the file that this command reads its own from, and those of single domains beside "
            "it, such as env.support)",
        )
        parser.add_argument(
            "--abandon", action="store_true", help="undo a move to this URL that has not been switched"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        seed = os.environ.get("LOGIN_PASSWORD_SEED", "")
        if not seed:
            raise CommandError("Set LOGIN_PASSWORD_SEED: the target's logins get their passwords from it.")
        try:
            domain = get_domain(options["domain"])
            files = self._environment_files(options["env_file"])
            report = move_domain(
                domain,
                options["to"],
                seed=seed,
                environment_files=files,
                abandon=options["abandon"],
                say=self.stdout.write,
            )
        except (UnknownDomainError, MoveError, StillLockedError, ProvisionError) as error:
            raise CommandError(str(error)) from error
        if options["abandon"]:
            self.stdout.write(f"The move of {domain.name} is undone; it goes on where it was.")
            return
        total = sum(report.rows.values())
        for label, count in report.rows.items():
            self.stdout.write(f"  {label.ljust(44)} {count:>10}  {report.checksums[label]}")
        what = f"{total} rows, the same on both sides" if report.rows else "what was left of it is done"
        self.stdout.write(self.style.SUCCESS(f"✓ {domain.name} has moved: {what}."))
        for schema in report.retired:
            self.stdout.write(
                f"The old tables are kept, closed, as schema {schema}: drop it when nobody needs it."
            )
        if not files:
            name = f"{domain.name.upper()}_DATABASE_URL"
            self.stdout.write(f"Now set {name} for every process, and restart them.")

    def _environment_files(self, named: list[str]) -> list[Path]:
        files = [Path(name) for name in named] or environment_files(settings.ENVIRONMENT_FILE)
        for path in files:
            if not path.is_file():
                raise MoveError(f"There is no file {path}: --env-file names one that exists.")
        return files
