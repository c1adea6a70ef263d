"""A process that is killed in the middle of its writes: every committed one has its version and its entry, no other has."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable

from django.db import connections

from platform_core.models import Company
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.servers import ROOT

WRITES = 1000
WRITER = """
import random, sys, uuid
import django
django.setup()
from django.db import transaction
from platform_core.models import Company
from shared.session import acting

organization, seed, count = uuid.UUID(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
dice = random.Random(seed)
for number in range(count):
    with acting(domain="platform", organization=organization, request_id=f"killed-{seed}-{number}"):
        rows = Company.all_objects.all()
        known = list(rows.values_list("pk", flat=True)[:50])
        act = dice.choice(["create", "create", "save", "update", "bulk", "delete", "both"]) if known else "create"
        name = f"{seed} {number}"
        if act in ("create", "both"):
            Company.objects.create(name=name)
        if act in ("save", "both"):
            company = rows.get(pk=dice.choice(known))
            company.phone = f"{seed}-{number}"
            company.save()
        elif act == "update":
            rows.filter(pk__in=dice.sample(known, min(5, len(known)))).update(industry=name[:60])
        elif act == "bulk":
            some = list(rows.filter(pk__in=known[:5]))
            for company in some:
                company.country = "DE" if company.country != "DE" else "FR"
            Company.all_objects.bulk_update(some, ["country"])
        elif act == "delete":
            company = rows.get(pk=dice.choice(known))
            company.soft_delete() if company.deleted_at is None else company.restore()
    print(number, flush=True)
"""

_UNTRUE = """
SELECT count(*) FROM platform.companies_history v
FULL JOIN (SELECT * FROM shared.activity_events WHERE entity_type = 'platform.company' AND organization_id = %(tenant)s) e
  ON e.entity_id = v.id AND e.entity_version = v.version AND e.request_id = v.history_request_id AND e.at = v.valid_from
WHERE coalesce(v.organization_id, e.organization_id) = %(tenant)s AND (v.id IS NULL OR e.entity_id IS NULL)"""


def test_a_thousand_writes_with_kills(worker_login: Callable[[str], Tenant]) -> None:
    tenant = worker_login("Killed")
    dice = random.Random(7)
    committed, kills, seed = 0, 0, 0
    acknowledged: set[str] = set()
    while committed < WRITES:
        seed += 1
        wanted = dice.randrange(20, 200)
        with subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", WRITER, str(tenant.id), str(seed), str(WRITES - committed)],
            cwd=ROOT, env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}, stdout=subprocess.PIPE, text=True,
        ) as writer:  # fmt: skip
            assert writer.stdout is not None
            for line in writer.stdout:
                acknowledged.add(f"killed-{seed}-{line.strip()}")
                committed += 1
                wanted -= 1
                if wanted == 0 and committed < WRITES:
                    time.sleep(dice.random() * 0.005)  # somewhere in the middle of the next
                    writer.kill()
                    kills += 1
    assert kills >= 4
    with acting(domain="platform", organization=tenant.id), connections["default"].cursor() as cursor:
        cursor.execute(_UNTRUE, {"tenant": tenant.id})
        assert cursor.fetchone()[0] == 0
        known = set(Company.history.values_list("history_request_id", flat=True).distinct())
        assert acknowledged <= known
        assert len(known - acknowledged) <= kills, "a write that was committed just before the kill"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", "verify_history", "platform"],
        cwd=ROOT, env={**os.environ, "TRELLIS_PROCESS": "worker"}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
