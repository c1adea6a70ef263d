from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from shared.domains.router import database_aliases, domains_in
from shared.models import ActivityEvent
from shared.session import operating

NEWEST = 500


class Command(BaseCommand):
    help = "List refused and hostile acts: wrong passwords and keys, attempts at other tenants' data. The newest first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--hours", type=int, default=24, help="how far to look back (24)")
        parser.add_argument("--from-address", metavar="IP", help="only those of this address")

    def handle(self, *args: Any, **options: Any) -> None:
        since = timezone.now() - dt.timedelta(hours=options["hours"])
        listed = 0
        for alias in database_aliases():
            with operating(reason="show_refusals", domain=domains_in(alias)[0].name):
                acts = ActivityEvent.objects.filter(
                    organization_id=None, actor_kind="stranger", at__gte=since
                )
                if options["from_address"]:
                    acts = acts.filter(actor_ip=options["from_address"])
                for act in acts.order_by("-at", "-position")[:NEWEST]:
                    self.stdout.write(_line(act))
                    listed += 1
        if not listed:
            self.stdout.write(f"Nothing was refused in the last {options['hours']} hours.")


def _line(act: ActivityEvent) -> str:
    more = act.changes.get("more", [None, 0])[1]
    rest = f" (and {more} more in the minute before)" if more else ""
    about = f" at {act.entity_type}" if act.entity_type else ""
    return (
        f"{act.at:%Y-%m-%d %H:%M:%S} {act.action:13} {act.actor_ip:15} {act.domain}{about}: "
        f"{act.actor_name or '(nobody)'}{rest}"
    )
