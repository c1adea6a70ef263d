from __future__ import annotations

import datetime as dt
import os
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from shared.domains.moving.places import MoveError, owner_connection, place_of
from shared.domains.router import database_aliases, domains_in
from shared.records.activity.retiring import NotYetError, retire_activity


def _month(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no month: give one as 2025-01") from None


class Command(BaseCommand):
    help = (
        "Drop the months of the activity log whose time is over, in every database; the log says which, how many entries "
        "they had, and why: retire_activity --before 2024-01 --reason 'kept for two years' --yes. Without --yes it only "
        "says what would go."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--before", type=_month, required=True, metavar="YYYY-MM", help="the first month to keep"
        )
        parser.add_argument("--reason", required=True, help="the rule that ends their time")
        parser.add_argument("--yes", action="store_true", help="do it")

    def handle(self, *args: Any, **options: Any) -> None:
        seed = os.environ.get("LOGIN_PASSWORD_SEED", "")
        if not seed:
            raise CommandError("Dropping a month acts as the owner: set LOGIN_PASSWORD_SEED.")
        months = 0
        for alias in database_aliases():
            try:
                with owner_connection(place_of(settings.DATABASES[alias]), seed) as connection:
                    gone = retire_activity(
                        connection,
                        options["before"],
                        today=timezone.now().date(),
                        domain=domains_in(alias)[0].name,
                        reason=options["reason"],
                        only_look=not options["yes"],
                    )
            except (NotYetError, MoveError) as error:
                raise CommandError(str(error)) from error
            for month in gone:
                self.stdout.write(f"{month.month:%Y-%m}: {month.entries} entries")
            months += len(gone)
        if not months:
            self.stdout.write(f"There are no months before {options['before']:%Y-%m}.")
        elif not options["yes"]:
            self.stdout.write("Nothing was changed: add --yes to drop them.")
