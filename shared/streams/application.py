"""The ASGI application of the live-stream process: health, and one endpoint of server-sent events.

Of its own, since an open stream must hold neither a thread nor a database connection of the web process.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final
from urllib.parse import urlsplit

import redis.asyncio
from asgiref.sync import sync_to_async
from django.conf import settings
from redis.exceptions import RedisError

from shared.health.checks import report
from shared.streams.listener import Listener, Refused, find_listener
from shared.streams.notifications import channel_of

HEARTBEAT: Final = 15.0  # seconds of silence after which a comment tells both ends that the line is alive
RECHECK: Final = 60.0  # seconds after which a listener must still be allowed to listen
RECONNECT: Final = 3000  # milliseconds that a browser waits before it comes back

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request."""
    if scope["type"] != "http":
        return
    match (scope["method"], scope["path"]):
        case ("GET" | "HEAD", "/health/live"):
            await _answer(send, 200, {"status": "ok"})
        case ("GET" | "HEAD", "/health/ready"):
            healthy, body = await sync_to_async(report, thread_sensitive=False)()
            await _answer(send, 200 if healthy else 503, body)
        case ("GET", "/streams/notifications"):
            await _stream(scope, receive, send)
        case (_, "/streams/notifications" | "/health/live" | "/health/ready"):
            await _refuse(send, Refused(405, "Method not allowed", "Use GET."))
        case _:
            await _refuse(send, Refused(404, "Not found", "The stream is at /streams/notifications."))


async def _stream(scope: Scope, receive: Receive, send: Send) -> None:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    identify = sync_to_async(find_listener, thread_sensitive=False)
    try:
        listener = await identify(headers)
    except Refused as refused:
        await _refuse(send, refused)
        return
    start = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
        *_cross_origin(headers),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": start})

    async def still_allowed() -> bool:
        try:
            return bool(await identify(headers) == listener)
        except Refused:
            return False

    gone = asyncio.ensure_future(_until_gone(receive))
    telling = asyncio.ensure_future(_tell(send, listener, still_allowed))
    await asyncio.wait({gone, telling}, return_when=asyncio.FIRST_COMPLETED)
    for task in (gone, telling):
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, OSError):
            await task
    with contextlib.suppress(OSError):
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _tell(send: Send, listener: Listener, still_allowed: Callable[[], Awaitable[bool]]) -> None:
    async for event in _events(listener, still_allowed):
        await send({"type": "http.response.body", "body": event, "more_body": True})


async def _events(listener: Listener, still_allowed: Callable[[], Awaitable[bool]]) -> AsyncIterator[bytes]:
    """A greeting, then what the tenant's channel says, and a heartbeat in silence.

    Ends when the listener may no longer listen, or the broker is gone (browsers come back by themselves).
    """
    loop = asyncio.get_running_loop()
    yield f"retry: {RECONNECT}\n\n".encode()
    broker = redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2)
    try:
        async with broker.pubsub(ignore_subscribe_messages=True) as channel:
            await channel.subscribe(channel_of(listener.organization))
            yield b"event: ready\ndata: {}\n\n"
            checked = loop.time()
            while True:
                message = await channel.get_message(timeout=HEARTBEAT)
                if loop.time() - checked > RECHECK:
                    if not await still_allowed():
                        yield b"event: closed\ndata: {}\n\n"
                        return
                    checked = loop.time()
                told = _heard(message["data"], listener) if message else b": heartbeat\n\n"
                if told:
                    yield told
    except RedisError:
        yield b"event: unavailable\ndata: {}\n\n"
    finally:
        await broker.aclose()


def _heard(message: bytes, listener: Listener) -> bytes:
    """The message as an event, or nothing when it is of a domain that the listener may not read."""
    told = json.loads(message)
    if told["domain"] not in listener.domains:
        return b""
    event = str(told["event"]).replace("\n", " ").replace("\r", " ")
    return f"event: {event}\ndata: {json.dumps(told['data'])}\n\n".encode()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _cross_origin(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Let pages of the same host, served on another port, listen with their cookie."""
    origin = headers.get("origin", "")
    host = headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
    try:
        same_host = bool(origin) and urlsplit(origin).hostname == host.lower()
    except ValueError:
        same_host = False
    if not same_host:
        return []
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"origin"),
    ]


async def _refuse(send: Send, refused: Refused) -> None:
    problem = {
        "type": "about:blank",
        "title": refused.title,
        "status": refused.status,
        "detail": refused.detail,
    }
    await _answer(send, refused.status, problem, b"application/problem+json")


async def _answer(send: Send, status: int, body: dict[str, Any], media: bytes = b"application/json") -> None:
    content = json.dumps(body).encode()
    headers = [
        (b"content-type", media),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
