"""Transports: how messages get from one database's processes to another's, chosen by ``EVENT_BUS_URL``.

None of them is trusted: what is not acknowledged by the other database is sent again, what comes twice is dropped, what
comes too early waits. They only have to carry messages most of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit


class TransportError(Exception):
    """The transport cannot be reached or refuses; what was to be sent is sent later."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message that came, and what the transport needs to know it again."""

    body: bytes
    handle: Any


class Transport(Protocol):
    """A named queue of messages for one receiver each; safe in one thread."""

    def send(self, address: str, bodies: Sequence[bytes]) -> None:
        """Return once the transport has them; raises TransportError."""

    def receive(self, address: str, *, most: int, wait: float) -> list[Message]:
        """Up to ``most`` messages, waiting up to ``wait`` seconds for the first; raises TransportError.

        Each is given again, here or to another receiver, until it is ``done``.
        """

    def done(self, address: str, messages: Sequence[Message]) -> None:
        """These need not be given again; raises TransportError."""

    def close(self) -> None:
        """Let go of connections."""


def connect_transport(url: str) -> Transport:
    """The transport of a URL: ``redis://`` and ``rediss://`` are streams of Redis or Valkey, every other one is kombu's
    (``amqp://``, ``sqs://``, ``azureservicebus://``, ``gcpubsub://``, ``confluentkafka://``)."""
    if urlsplit(url).scheme in ("redis", "rediss", "unix"):
        from shared.events.transports.redis_streams import RedisStreams

        return RedisStreams(url)
    from shared.events.transports.kombu_queues import KombuQueues

    return KombuQueues(url)
