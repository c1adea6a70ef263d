"""The process that delivers: woken by notices, and nothing is lost or doubled when it is killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from platform_core.models import Customer, CustomerInteraction
from shared.events import publish
from shared.events.handling import Subscriber
from shared.events.running import DeliveryProcess
from shared.platform_client.events import InteractionCreated
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.events.conftest import heard, tell
from tests.servers import ROOT

KILLS = 12
EVENTS = 240


def soon(look: Callable[[], Any], wanted: Any, seconds: float = 60.0) -> None:
    give_up = time.monotonic() + seconds
    while (found := look()) != wanted and time.monotonic() < give_up:
        time.sleep(0.05)
    assert found == wanted


def test_what_is_published_takes_effect_by_itself(tenant: Tenant, hearing: Subscriber, settings: Any) -> None:
    settings.DATABASES["default"].update(
        {name: connections["default"].settings_dict[name] for name in ("USER", "PASSWORD")}
    )
    process = DeliveryProcess(only=frozenset({"platform"}))
    thread = threading.Thread(target=process.run)
    thread.start()
    try:
        tell(tenant, uuid.uuid4(), "a", "b")
        soon(lambda: heard(tenant), ["1 a", "2 b"])
    finally:
        process.stop()
        thread.join(30)
    assert not thread.is_alive()


@pytest.mark.faults
def test_killed_again_and_again_it_loses_and_doubles_nothing(
    worker_login: Callable[[str], Tenant],
) -> None:
    """Two deliverers are killed at any moment while tickets' interactions are published; another takes over."""
    tenant = worker_login("Killed")
    with acting(domain="platform", organization=tenant.id):
        customer = Customer.objects.create(name="Ada").pk
    environment = {**os.environ, "TRELLIS_PROCESS": "worker"}
    chance = random.Random(7)

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "manage.py", "deliver_events"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    running = [start(), start()]
    try:
        for number in range(EVENTS):
            with acting(domain="support", organization=tenant.id):
                publish(
                    InteractionCreated(
                        source_id=uuid.uuid4(),
                        customer_id=customer,
                        interaction_type="ticket",
                        timestamp=now(),
                    )
                )
            if number % (EVENTS // KILLS) == 0:
                time.sleep(chance.random() * 0.4)
                victim = running.pop(chance.randrange(2))
                victim.send_signal(signal.SIGKILL)
                victim.wait()
                running.append(start())

        def counted() -> int:
            with acting(domain="platform", organization=tenant.id, reading=True):
                return CustomerInteraction.objects.filter(customer_id=customer).count()

        soon(counted, EVENTS)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=30)


def now() -> Any:
    from django.utils import timezone

    return timezone.now()
