"""Free TCP ports on this machine."""

from __future__ import annotations

import socket
import zlib
from collections.abc import Collection
from pathlib import Path

LOOPBACK = "127.0.0.1"
_TRIES = 500
_SPREAD = 1000


def is_free(port: int) -> bool:
    """Whether a server could listen on ``port`` of the loopback address now."""
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still in TIME_WAIT counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def preferred_port(home: Path, lowest: int) -> int:
    """The port that servers of ``home`` try first: homes get different ones, so that they can keep them."""
    return lowest + zlib.crc32(str(home).encode()) % _SPREAD


def free_port(first: int, avoid: Collection[int] = ()) -> int:
    """``first`` or the next port after it that is free and not in ``avoid``."""
    for port in range(first, min(first + _TRIES, 65536)):
        if port not in avoid and is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
