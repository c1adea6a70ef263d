"""Queues of RabbitMQ, and of what else kombu speaks to: durable, with the broker's word for each message."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from kombu import Connection, Exchange, Queue
from kombu.exceptions import KombuError, OperationalError

from shared.events.transports import Message, TransportError

PREFIX = "trellis.events."
_CONFIRMED = {"amqp", "amqps", "pyamqp"}


class KombuQueues:
    """A durable queue per address on the default exchange."""

    def __init__(self, url: str) -> None:
        options = {"confirm_publish": True} if urlsplit(url).scheme in _CONFIRMED else {}
        self._url = url
        self._connection = Connection(url, connect_timeout=3, transport_options=options)
        self._producer: Any = None
        self._queues: dict[str, Any] = {}
        self._readers: dict[str, Any] = {}

    def _queue(self, address: str) -> Any:
        name = PREFIX + address
        if name not in self._queues:
            queue = Queue(name, exchange=Exchange(""), routing_key=name, durable=True)
            bound = queue(self._connection.default_channel)
            bound.queue_declare()
            self._queues[name] = bound
        return self._queues[name]

    def send(self, address: str, bodies: Sequence[bytes]) -> None:
        try:
            queue = self._queue(address)
            if self._producer is None:
                self._producer = self._connection.Producer(self._connection.default_channel)
            for body in bodies:
                self._producer.publish(
                    body,
                    exchange="",
                    routing_key=queue.name,
                    content_type="application/octet-stream",
                    content_encoding="binary",
                    delivery_mode=2,
                    retry=False,
                )
        except (
            KombuError,
            OSError,
            *self._connection.connection_errors,
            *self._connection.channel_errors,
        ) as error:
            raise self._broken(error) from error

    def receive(self, address: str, *, most: int, wait: float) -> list[Message]:
        found: list[Message] = []
        give_up = time.monotonic() + wait
        try:
            queue = self._queue(address)
            while len(found) < most:
                message = queue.get(no_ack=False)
                if message is not None:
                    body = message.body
                    found.append(Message(body.encode() if isinstance(body, str) else bytes(body), message))
                    continue
                if found or time.monotonic() >= give_up:
                    break
                time.sleep(min(0.02, wait))
        except (
            KombuError,
            OSError,
            *self._connection.connection_errors,
            *self._connection.channel_errors,
        ) as error:
            raise self._broken(error) from error
        return found

    def done(self, address: str, messages: Sequence[Message]) -> None:
        try:
            for message in messages:
                message.handle.ack()
        except (
            KombuError,
            OSError,
            *self._connection.connection_errors,
            *self._connection.channel_errors,
        ) as error:
            raise self._broken(error) from error

    def close(self) -> None:
        self._forget()

    def _broken(self, error: BaseException) -> TransportError:
        """Begin anew with the next call."""
        self._forget()
        return TransportError(f"The event bus does not answer ({type(error).__name__}: {error}).")

    def _forget(self) -> None:
        self._producer = None
        self._queues.clear()
        with contextlib.suppress(KombuError, OSError, OperationalError):
            self._connection.release()
        self._connection = self._connection.clone()
