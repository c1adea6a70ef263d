from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError

from shared.domains.provision import ProvisionError, prepare_database
from shared.domains.registry import served_domains
from shared.domains.router import database_aliases, domains_in


class Command(BaseCommand):
    help = (
        "Create database, roles, logins, schemas and grants on the server of BOOTSTRAP_DATABASE_URL, and on those of "
        "the domains that have a database of their own (SUPPORT_DATABASE_URL …)."
    )
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
            for alias in database_aliases():
                prepare_database(
                    _bootstrap_url(alias, url), seed=seed, living=domains_in(alias), say=self.stdout.write
                )
        except ProvisionError as error:
            raise CommandError(str(error)) from error


def _bootstrap_url(alias: str, home: str) -> str:
    """The administrator's URL of a database: SUPPORT_BOOTSTRAP_DATABASE_URL, else the home's login at its place."""
    if alias == "default":
        if not all(os.environ.get(f"{domain.name.upper()}_DATABASE_URL") for domain in served_domains()):
            return home
        alias = domains_in(alias)[
            0
        ].name  # nobody lives at home: the default database is that of the first domain
    named = os.environ.get(f"{alias.upper()}_BOOTSTRAP_DATABASE_URL")
    if named:
        return named
    server, _, _ = urlsplit(home).netloc.rpartition("@")
    place = urlsplit(os.environ[f"{alias.upper()}_DATABASE_URL"])
    return place._replace(netloc=f"{server}@{place.netloc.rpartition('@')[2]}").geturl()
