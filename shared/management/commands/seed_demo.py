from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from django.core.management.base import BaseCommand

from shared.demo.credentials import AccessFile
from shared.demo.keys import keep_keys
from shared.demo.story import NARRATOR
from shared.demo.tenants import keep_tenants
from shared.domains.registry import Domain, domains
from shared.session import acting
from shared.tenancy.copying import sync_where_split


def demo_modules() -> Iterator[tuple[Domain, ModuleType]]:
    """``<app>.demo`` of each domain that has one."""
    for domain in domains():
        name = f"{domain.app}.demo"
        if find_spec(name) is not None:
            yield domain, import_module(name)


class Command(BaseCommand):
    """Each domain fills its own tables by ``seed(tenant)`` in ``<app>/demo.py``: it may be called again, and runs
    in a unit of that domain. ``keep_people(tenants, access)`` there makes who signs in."""

    help = "Load two demo tenants, with people, API keys and some data; a second run changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--write-access",
            type=Path,
            metavar="PATH",
            help="JSON file that keeps the demo's passwords and keys; read again by the next run",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        access = AccessFile(options["write_access"])
        first, second = keep_tenants()
        described = access.section("tenants")
        for tenant in (first, second):
            described[tenant.slug] = {
                "id": str(tenant.pk),
                "name": tenant.name,
                "hostname": f"{tenant.slug}.localhost",
            }
        for _, demo in demo_modules():
            if hasattr(demo, "keep_people"):
                demo.keep_people((first, second), access)
        keep_keys(first, second, access)
        access.write()
        sync_where_split(self.stderr.write)  # the domains' parts refer to tenants and people
        for domain, demo in demo_modules():
            for tenant in (first, second):
                with acting(domain=domain.name, organization=tenant.pk, actor=NARRATOR):
                    demo.seed(tenant)
        self.stdout.write(f"{first.name} and {second.name} are ready.")
        if access.path is None:
            self.stdout.write("Nobody's password or key was kept: give --write-access PATH to sign in.")
