"""Times bulk work with django-simple-history in the stock project: run by the case memory, beside ``memory_probe``.

Prints JSON: name → seconds. ``bulk_update_with_history`` writes a version of each row, and no activity log.
"""

from __future__ import annotations

import json
import sys
import time

import django

django.setup()

from django.db import transaction  # noqa: E402
from simple_history.utils import bulk_update_with_history  # noqa: E402

from bench.baselines.stock_drf.models import Ticket  # noqa: E402

BATCH = 1000


def main() -> None:
    """The number of rows, and how many to pass over."""
    count, after = int(sys.argv[1]), int(sys.argv[2])
    found = {}
    rows = list(Ticket.objects.order_by("-created_at", "-id")[after : after + 2 * count])
    if len(rows) < 2 * count:
        raise SystemExit("there are too few tickets")
    for ticket in rows:
        ticket.intent = "bulk"
    with transaction.atomic():
        began = time.perf_counter()
        bulk_update_with_history(rows[:count], Ticket, ["intent"], batch_size=BATCH)
        found["bulk_update_with_history"] = time.perf_counter() - began
    with transaction.atomic():
        began = time.perf_counter()
        Ticket.objects.bulk_update(rows[count:], ["intent"], batch_size=BATCH)
        found["stock bulk_update"] = time.perf_counter() - began
    print(json.dumps(found))


if __name__ == "__main__":
    main()
