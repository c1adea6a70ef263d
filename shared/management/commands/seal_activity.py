from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand

from shared.domains.router import database_aliases, domains_in
from shared.records.activity.sealing import seal_activity
from shared.session import operating

_PAUSE = 0.2


class Command(BaseCommand):
    help = (
        "Seal the activity log now, as the scheduler does every few seconds: before a backup, a move, or the end of a day. "
        "What a transaction that still runs holds up is left to the next time."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for alias in database_aliases():
            sealed = 0
            for _ in range(2):  # the first call notes how far the second may go
                with operating(reason="seal_activity", domain=domains_in(alias)[0].name):
                    sealed += seal_activity()
                time.sleep(_PAUSE)
            self.stdout.write(f"{sealed} entries sealed.")
