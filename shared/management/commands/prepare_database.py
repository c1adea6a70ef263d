from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shared.domains.provision import ProvisionError, prepare_database


class Command(BaseCommand):
    help = "Create database, roles, logins, schemas and grants on the server of BOOTSTRAP_DATABASE_URL."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        url = os.environ.get("BOOTSTRAP_DATABASE_URL")
        seed = os.environ.get("LOGIN_PASSWORD_SEED")
        if not url or not seed:
            raise CommandError(
                "Set BOOTSTRAP_DATABASE_URL (a login that may create roles) and LOGIN_PASSWORD_SEED; "
                "`make run` writes both to .dev/env."
            )
        try:
            prepare_database(url, seed=seed, say=self.stdout.write)
        except ProvisionError as error:
            raise CommandError(str(error)) from error
