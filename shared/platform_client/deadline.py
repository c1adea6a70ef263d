"""Connections on which no answer outlives its deadline.

A socket's own timeout is per read: a server that sends a byte now and then holds its caller for ever. Here every read
may take what is left of the whole.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util import create_urllib3_context, parse_url

_here = threading.local()


@contextmanager
def ending_at(moment: float) -> Iterator[None]:
    """All reads of this thread end at ``moment`` of the monotonic clock."""
    _here.moment = moment
    try:
        yield
    finally:
        del _here.moment


def seconds_left() -> float:
    """Until the deadline; raises TimeoutError once it has passed."""
    left: float = _here.moment - time.monotonic()
    if left <= 0:
        raise TimeoutError("The time for this answer is over.")
    return left


class _Deadline:
    def recv_into(self, *args: Any) -> int:
        self.settimeout(seconds_left())  # type: ignore[attr-defined]
        received: int = super().recv_into(*args)  # type: ignore[misc]
        return received


class _Socket(_Deadline, socket.socket):
    """A plain connection."""


class _TlsSocket(_Deadline, ssl.SSLSocket):
    """An encrypted one."""


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        plain = super()._new_conn()
        timeout = plain.gettimeout()
        own = _Socket(plain.family, plain.type, plain.proto, fileno=plain.detach())
        own.settimeout(timeout)
        return own


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


def pool_of(url: str, *, size: int) -> HTTPConnectionPool:
    """Kept connections to the server of a URL; beyond ``size`` they are opened for one call."""
    parts = parse_url(url)
    if parts.scheme == "https":
        context = create_urllib3_context()
        context.load_default_certs()
        context.sslsocket_class = _TlsSocket
        return HTTPSConnectionPool(parts.host or "", parts.port, maxsize=size, ssl_context=context)
    return _Pool(parts.host or "", parts.port, maxsize=size)
