from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shared.domains.registry import UnknownDomainError, get_domain, refuse_unserved
from shared.events.running import DeliveryProcess


class Command(BaseCommand):
    help = (
        "Deliver events until stopped: relay what was published, handle what was received. Run as many as you like: one "
        "relays per database, and they share the handling."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--only",
            action="append",
            default=[],
            metavar="DOMAIN",
            help="handle for this domain; may be repeated",
        )
        parser.add_argument(
            "--metrics-port", type=int, default=0, metavar="PORT", help="serve /metrics of this process there"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for name in options["only"]:
                get_domain(name)
                refuse_unserved(name)
        except (UnknownDomainError, RuntimeError) as error:
            raise CommandError(str(error)) from error
        if options["metrics_port"]:
            from prometheus_client import start_http_server

            start_http_server(options["metrics_port"])
        process = DeliveryProcess(only=frozenset(options["only"]))
        for sign in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sign, lambda *_: process.stop())
        self.stdout.write("Delivering events.")
        self.stdout.flush()
        process.run()
