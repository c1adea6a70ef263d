"""One question to the platform over HTTP: within its time, tried again where that is safe, behind a circuit breaker."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import orjson
from urllib3 import Timeout
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError, TimeoutError
from urllib3.util import parse_url

from shared.errors import DomainError
from shared.metrics.platform_client import BREAKER, RETRIES
from shared.platform_client.breaker import Breaker
from shared.platform_client.deadline import ending_at, pool_of, seconds_left
from shared.platform_client.problems import refusal_of
from shared.platform_client.protocol import PlatformUnavailable

log = logging.getLogger("trellis.platform_client")
T = TypeVar("T")

ATTEMPTS = 3
CONNECT_SECONDS = 0.25
MAX_ANSWER = 1024 * 1024
_POOL_SIZE = 16
_DENIED = frozenset({401, 403, 429})
_PASSING = frozenset({502, 504})
"""Answers of a proxy that has lost its server for a moment. A 503 says itself when to come again."""


class TransportError(PlatformUnavailable):
    """Why the platform gave no answer; ``kind`` is the outcome in /metrics."""

    def __init__(self, kind: str, detail: str, *, repeat: bool = False, counts: bool = True) -> None:
        super().__init__()
        self.kind = kind
        self.detail = detail
        self.repeat = repeat
        """The platform did nothing, or is about to come back."""
        self.counts = counts
        """It speaks against the platform as a whole, so that the breaker hears of it."""


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """What is asked: ``target`` is the path with the query, ``read`` makes the answer's JSON into what it means."""

    name: str
    method: str
    target: str
    read: Callable[[Any], T]
    seconds: float
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    repeatable: bool = True
    """Whether it may be asked again when it may have been carried out."""


class Transport:
    """A process's way to one platform: kept connections and a circuit breaker, for all threads."""

    def __init__(self, url: str) -> None:
        self._prefix = (parse_url(url).path or "").rstrip("/")
        self._pool = pool_of(url, size=_POOL_SIZE)
        self.breaker = Breaker(tell=lambda state: BREAKER.set(state))

    def ask(self, question: Question[T]) -> T:
        """The answer. Raises what the platform refuses, or TransportError at the latest after ``seconds``."""
        phase = self.breaker.admit()
        if phase is None:
            raise TransportError("open", "the circuit breaker is open")
        answered = False
        try:
            with ending_at(time.monotonic() + question.seconds):
                result = self._attempt_often(question)
            answered = True
            return result
        except TransportError as error:
            answered = not error.counts
            log.warning("%s: the platform gave no answer (%s: %s)", question.name, error.kind, error.detail)
            raise
        except DomainError:  # a refusal is an answer
            answered = True
            raise
        finally:
            self.breaker.note(phase, answered=answered)

    def _attempt_often(self, question: Question[T]) -> T:
        for number in range(1, ATTEMPTS + 1):
            try:
                return self._attempt(question)
            except TransportError as error:
                pause = random.uniform(0.01, 0.05) * 2**number
                if not error.repeat or number == ATTEMPTS or pause >= _time_left():
                    raise
            time.sleep(pause)
            RETRIES.labels(question.name).inc()
        raise AssertionError("unreachable")

    def _attempt(self, question: Question[T]) -> T:
        status, body = self._exchange(question)
        try:
            said = orjson.loads(body)
            if 200 <= status < 300:
                return question.read(said)
            refusal = refusal_of(status, said)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            repeat = status in _PASSING and question.repeatable
            raise TransportError("garbage", f"status {status}, {error!r}", repeat=repeat) from error
        if refusal is not None:
            raise refusal
        detail = f"status {status}, {str(said.get('detail'))[:200]}"
        if status in _DENIED:
            raise TransportError("denied", detail, counts=False)
        raise TransportError("failed", detail, repeat=status in _PASSING and question.repeatable)

    def _exchange(self, question: Question[T]) -> tuple[int, bytes]:
        """Send, and read status and body; an answer that is not JSON of a bearable size is none."""
        try:
            left = seconds_left()
            answer = self._pool.urlopen(
                question.method,
                self._prefix + question.target,
                body=question.body or None,
                headers=question.headers,
                timeout=Timeout(connect=min(CONNECT_SECONDS, left), read=left),
                retries=False,
                redirect=False,  # the credentials are for the platform alone
                preload_content=False,
                decode_content=False,
            )
            try:
                body = answer.read(MAX_ANSWER + 1)
            except BaseException:
                answer.close()
                raise
            if len(body) > MAX_ANSWER:
                answer.close()
                raise TransportError("garbage", f"more than {MAX_ANSWER:,} bytes")
            answer.release_conn()
            return answer.status, body
        except (NewConnectionError, ConnectTimeoutError) as error:
            raise TransportError("connect", str(error), repeat=True) from error
        except (TimeoutError, OSError) as error:
            raise TransportError("timeout", str(error)) from error
        except SSLError as error:
            raise TransportError("connect", str(error)) from error
        except HTTPError as error:
            raise TransportError("lost", str(error), repeat=question.repeatable) from error


def _time_left() -> float:
    try:
        return seconds_left()
    except OSError:
        return 0.0


_transports: dict[str, Transport] = {}
_making = threading.Lock()


def transport_to(url: str) -> Transport:
    """The process's one transport to a platform."""
    known = _transports.get(url)
    if known is None:
        with _making:
            known = _transports.setdefault(url, Transport(url))
    return known
