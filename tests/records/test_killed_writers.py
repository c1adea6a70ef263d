"""Processes and the server itself, killed in the middle of writes: every committed one has its version and its entry, no
other has."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import cycle

import psycopg

from shared.tenancy.models import Tenant
from tests.replica import CopiedServer, copied_server
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


_REQUESTS = (
    "SELECT DISTINCT history_request_id FROM platform.companies_history WHERE organization_id = %(tenant)s"
)


def environment_of(server: CopiedServer, kind: str) -> dict[str, str]:
    """That of a web process or a worker, on this server."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "TRELLIS_PROCESS": kind,
        "DATABASE_URL": server.url("trellis_web"),
        "WORKER_DATABASE_URL": server.url("trellis_worker"),
    }


def test_a_thousand_writes_with_kills_of_web_worker_and_server(committed: Callable[[str], Tenant]) -> None:
    tenant = committed("Killed")
    with copied_server() as server:
        acknowledged, kills = write_with_kills(server, tenant)
        with psycopg.connect(server.url()) as superuser:
            row = superuser.execute(_UNTRUE, {"tenant": tenant.id}).fetchone()
            known = {name for (name,) in superuser.execute(_REQUESTS, {"tenant": tenant.id})}
        assert row == (0,)
        assert acknowledged <= known
        assert len(known - acknowledged) <= kills, "a write that was committed just before the kill"
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "manage.py", "verify_history", "platform"],
            cwd=ROOT, env=environment_of(server, "worker"), capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


def write_with_kills(server: CopiedServer, tenant: Tenant) -> tuple[set[str], int]:
    """A thousand committed writes, and every so often the writing process is killed, or the server: which writes were
    told to be committed, and how many kills there were."""
    dice, victims = random.Random(7), cycle(["web", "server", "worker"])
    acknowledged: set[str] = set()
    kills = seed = 0
    while len(acknowledged) < WRITES:
        seed += 1
        victim = next(victims)
        wanted = dice.randrange(60, 200)
        arguments = [str(tenant.id), str(seed), str(WRITES - len(acknowledged))]
        with subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", WRITER, *arguments], cwd=ROOT, text=True,
            env=environment_of(server, "worker" if victim == "worker" else "web"),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        ) as writer:  # fmt: skip
            assert writer.stdout is not None
            for line in writer.stdout:
                acknowledged.add(f"killed-{seed}-{line.strip()}")
                wanted -= 1
                if wanted == 0 and len(acknowledged) < WRITES:
                    time.sleep(dice.random() * 0.005)  # somewhere in the middle of the next
                    kills += 1
                    if victim == "server":
                        server.kill()
                    else:
                        writer.kill()
        if server.server.process is None or server.server.process.poll() is not None:
            server.start_again()
    assert kills >= 6
    return acknowledged, kills
