"""Streams of Redis or Valkey, with one consumer group each."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import redis

from shared.events.transports import Message, TransportError

GROUP = "trellis"
PREFIX = "trellis:events:"
LEFT_SECONDS = 30.0
"""A receiver that has not finished a message for so long is taken to be dead."""

T = TypeVar("T")


class RedisStreams:
    """A stream per address. What is done is deleted, so that a stream holds what is under way."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(url, socket_timeout=10.0, socket_connect_timeout=2.0)
        self._consumer = f"{socket.gethostname()}-{os.getpid()}-{threading.get_ident()}"
        self._claim_from: dict[str, Any] = {}

    def send(self, address: str, bodies: Sequence[bytes]) -> None:
        def add() -> None:
            with self._redis.pipeline(transaction=False) as pipeline:
                for body in bodies:
                    pipeline.xadd(PREFIX + address, {"b": body})
                pipeline.execute()

        self._try(add)

    def receive(self, address: str, *, most: int, wait: float) -> list[Message]:
        return self._try(lambda: self._receive(PREFIX + address, most, wait))

    def _receive(self, stream: str, most: int, wait: float) -> list[Message]:
        try:
            cursor = self._claim_from.get(stream, "0-0")
            claimed: Any = self._redis.xautoclaim(
                stream,
                GROUP,
                self._consumer,
                min_idle_time=int(LEFT_SECONDS * 1000),
                start_id=cursor,
                count=most,
            )
            self._claim_from[stream] = claimed[0]
            if found := [entry for entry in claimed[1] if entry[1]]:
                return [Message(fields[b"b"], key) for key, fields in found]
            answer: Any = self._redis.xreadgroup(
                GROUP, self._consumer, {stream: ">"}, count=most, block=max(1, int(wait * 1000))
            )
        except redis.ResponseError as error:
            if "NOGROUP" not in str(error):  # new, or the broker was flushed
                raise
            with contextlib.suppress(redis.ResponseError):  # another receiver has just made it
                self._redis.xgroup_create(stream, GROUP, id="0", mkstream=True)
            return self._receive(stream, most, wait)
        return [Message(fields[b"b"], key) for _, entries in answer or () for key, fields in entries]

    def done(self, address: str, messages: Sequence[Message]) -> None:
        keys = [message.handle for message in messages]

        def forget() -> None:
            with self._redis.pipeline(transaction=False) as pipeline:
                pipeline.xack(PREFIX + address, GROUP, *keys)
                pipeline.xdel(PREFIX + address, *keys)
                pipeline.execute()

        if keys:
            self._try(forget)

    def close(self) -> None:
        self._redis.close()

    @staticmethod
    def _try(act: Callable[[], T]) -> T:
        try:
            return act()
        except (redis.RedisError, OSError) as error:
            raise TransportError(f"The event bus does not answer ({error}).") from error
