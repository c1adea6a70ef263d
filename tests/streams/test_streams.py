"""Live streams: who may listen, and that nobody hears another tenant or domain."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from shared.session import acting
from shared.streams import application as streams
from shared.streams.notifications import notify
from shared.tenancy.choices import TenantStatus
from shared.tenancy.models import Tenant
from shared.tenancy.services import issue_api_key, revoke_api_key, set_tenant_status
from tests.bases.staff import make_staff, sign_in

Committed = Callable[[str], Tenant]


class Listener:
    """Opens a stream and collects what is sent."""

    def __init__(self, path: str = "/streams/notifications", **headers: str) -> None:
        sent = {"host": "localhost", **headers}
        self.scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "headers": [(k.encode(), v.encode()) for k, v in sent.items()],
        }
        self.start: dict[str, Any] = {}
        self.body = b""
        self.gone = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.start = message
        else:
            self.body += message["body"]

    async def until(self, text: bytes) -> None:
        async with asyncio.timeout(10):
            while text not in self.body:
                await asyncio.sleep(0.02)

    async def __aenter__(self) -> Listener:
        self.task = asyncio.ensure_future(streams.application(self.scope, self.receive, self.send))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.gone.set()
        await asyncio.wait_for(self.task, 10)


def answer(**headers: str) -> tuple[int, dict[str, Any]]:
    async def ask() -> tuple[int, dict[str, Any]]:
        async with Listener(**headers) as listener:
            async with asyncio.timeout(10):
                await listener.task
        return listener.start["status"], json.loads(listener.body)

    return asyncio.run(ask())


def key_of(tenant: Tenant, *scopes: str) -> tuple[Any, str]:
    with acting(domain="platform", organization=tenant.pk):
        return issue_api_key(name="listener", scopes=scopes)


def test_a_listener_hears_its_own_tenant_and_domains(committed: Committed) -> None:
    mine, theirs = committed("Acme"), committed("Umbrella")
    _, raw = key_of(mine, "support:read")

    async def listen() -> bytes:
        async with Listener(authorization=f"Bearer {raw}") as listener:
            await listener.until(b"event: ready")
            assert listener.start["status"] == 200
            for tenant, domain, event in (
                (theirs, "support", "of.another.tenant"),
                (mine, "marketing", "of.another.domain"),
                (mine, "support", "support.ticket.opened"),
            ):
                await asyncio.to_thread(
                    notify, organization=tenant.pk, domain=domain, event=event, data={"number": 7}
                )
            await listener.until(b"support.ticket.opened")
        return listener.body

    heard = asyncio.run(listen())
    assert b'event: support.ticket.opened\ndata: {"number": 7}\n\n' in heard
    assert b"of.another" not in heard


def test_staff_listen_with_their_session(committed: Committed) -> None:
    tenant = committed("Acme")
    cookie = sign_in(make_staff(tenant)).cookies["trellis_session"].value

    async def listen() -> Listener:
        async with Listener(cookie=f"trellis_session={cookie}", origin="http://localhost:8000") as listener:
            await listener.until(b"event: ready")
        return listener

    heard = dict(asyncio.run(listen()).start["headers"])
    assert heard[b"access-control-allow-origin"] == b"http://localhost:8000"


def test_pages_of_other_hosts_may_not_listen(committed: Committed) -> None:
    tenant = committed("Acme")
    cookie = sign_in(make_staff(tenant)).cookies["trellis_session"].value

    async def listen() -> Listener:
        async with Listener(cookie=f"trellis_session={cookie}", origin="https://evil.example") as listener:
            await listener.until(b"event: ready")
        return listener

    assert b"access-control-allow-origin" not in dict(asyncio.run(listen()).start["headers"])


def test_silence_is_filled_with_heartbeats(committed: Committed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT", 0.1)
    _, raw = key_of(committed("Acme"))

    async def listen() -> None:
        async with Listener(authorization=f"Bearer {raw}") as listener:
            await listener.until(b": heartbeat\n\n: heartbeat")

    asyncio.run(listen())


def test_a_revoked_key_stops_hearing(committed: Committed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT", 0.1)
    monkeypatch.setattr(streams, "RECHECK", 0.2)
    tenant = committed("Acme")
    key, raw = key_of(tenant)

    def revoke() -> None:
        with acting(domain="platform", organization=tenant.pk):
            revoke_api_key(key_id=key.pk)

    revoked = asyncio.Event()

    async def listen() -> None:
        async with Listener(authorization=f"Bearer {raw}") as listener:
            await listener.until(b"event: ready")
            revoked.set()
            await asyncio.to_thread(revoke)
            await listener.until(b"event: closed")
            await asyncio.wait_for(listener.task, 10)

    asyncio.run(listen())


def test_nobody_unknown_listens(committed: Committed) -> None:
    tenant = committed("Acme")
    wrong = {"authorization": "Bearer trl_aaaaaaaa_" + "x" * 43}
    for headers in ({}, wrong, {"cookie": "trellis_session=guessed"}, {"authorization": "Basic x"}):
        status, problem = answer(**headers)
        assert (status, problem["title"]) == (401, "Unauthorized")
    _, raw = key_of(tenant)
    assert answer(host="nobody.example", authorization=f"Bearer {raw}")[0] == 404
    with acting(domain="platform", organization=tenant.pk):
        set_tenant_status(tenant=tenant, status=TenantStatus.SUSPENDED)
    assert answer(authorization=f"Bearer {raw}")[0] == 403


def test_a_broker_that_is_down_is_told(committed: Committed, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    _, raw = key_of(committed("Acme"))

    async def listen() -> None:
        async with Listener(authorization=f"Bearer {raw}") as listener:
            await listener.until(b"event: unavailable")
            await asyncio.wait_for(listener.task, 10)

    asyncio.run(listen())


@pytest.mark.parametrize(
    ("path", "status"), [("/health/live", 200), ("/health/ready", 200), ("/admin/", 404)]
)
def test_the_process_has_health_and_nothing_else(committed: Committed, path: str, status: int) -> None:
    async def ask() -> int:
        async with Listener(path) as listener:
            await asyncio.wait_for(listener.task, 10)
        return int(listener.start["status"])

    assert asyncio.run(ask()) == status
