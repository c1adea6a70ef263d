from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_datetime

from shared.events.handling import subscribers
from shared.events.upkeep import Selection, dead_letters, release, replay, status
from shared.management.tenants import find_tenant


class Command(BaseCommand):
    help = (
        "See and steer the delivery of events. status: what waits, and how long; dead: dead letters with their reasons; "
        "release: try dead letters again; skip: go on without one; replay: give published events to a subscriber again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        actions.add_parser("status", help="what waits, by subscriber")
        for name, what in (
            ("dead", "dead letters"),
            ("release", "try them again"),
            ("skip", "go on without one"),
        ):
            action = actions.add_parser(name, help=what)
            action.add_argument("--subscriber", default="")
            action.add_argument("--tenant", default="", help="the tenant's short name")
            action.add_argument("--event", default="", metavar="ID", help="one event's identifier")
        again = actions.add_parser("replay", help="give published events to a subscriber again")
        again.add_argument("subscriber")
        again.add_argument("--name", default="", help="only events of this name: crm.deal.won")
        again.add_argument("--tenant", default="", help="the tenant's short name")
        again.add_argument("--aggregate", default="", metavar="ID")
        again.add_argument("--since", default="", metavar="TIME", help="as in 2026-11-01T00:00:00Z")
        again.add_argument("--until", default="", metavar="TIME")
        again.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, f"_{options['action']}")(options)

    def _status(self, options: dict[str, Any]) -> None:
        for line in status():
            self.stdout.write(str(line))

    def _dead(self, options: dict[str, Any]) -> None:
        count = 0
        for letter in dead_letters(self._selection(options)):
            count += 1
            self.stdout.write(
                f"{letter.received_at:%Y-%m-%d %H:%M:%S}  {letter.subscriber}  {letter.name} {letter.event_id}  "
                f"tenant {letter.organization_id}  attempts {letter.attempts}\n"
                f"    {letter.reason}"
            )
        self.stdout.write(f"{count} dead letters.")

    def _release(self, options: dict[str, Any]) -> None:
        self.stdout.write(f"{release(self._selection(options))} dead letters are tried again.")

    def _skip(self, options: dict[str, Any]) -> None:
        if not options["event"] or not options["subscriber"]:
            raise CommandError("Name the one to go on without: --subscriber NAME --event ID.")
        count = release(self._selection(options), skip=True)
        if not count:
            raise CommandError("There is no such dead letter: see manage.py events dead.")
        self.stdout.write("Skipped: its effect will never be made here; what follows it goes on.")

    def _replay(self, options: dict[str, Any]) -> None:
        known = [taker.name for taker in subscribers()]
        if options["subscriber"] not in known:
            raise CommandError(
                f"There is no subscriber {options['subscriber']}: choose among {', '.join(known)}."
            )
        count = replay(self._selection(options), dry_run=options["dry_run"])
        self.stdout.write(f"{count} events {'would be' if options['dry_run'] else 'are'} given again.")

    def _selection(self, options: dict[str, Any]) -> Selection:
        tenant = options.get("tenant")
        return Selection(
            subscriber=options.get("subscriber", ""),
            organization=find_tenant(tenant, reason="events").pk if tenant else None,
            event=_identifier(options.get("event", "")),
            aggregate=_identifier(options.get("aggregate", "")),
            name=options.get("name", ""),
            since=_moment(options.get("since", "")),
            until=_moment(options.get("until", "")),
        )


def _identifier(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        raise CommandError(f"{text} is no identifier: give it as manage.py events shows it.") from None


def _moment(text: str) -> dt.datetime | None:
    if not text:
        return None
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise CommandError(f"{text} is no moment: give it with its zone, as in 2026-11-01T00:00:00Z.")
    return found
