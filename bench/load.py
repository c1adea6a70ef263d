"""A keep-alive HTTP client that keeps N connections busy from one process of its own.

Run as ``python -m bench.load --url … --clients 4 --seconds 3``; it prints one JSON object. One thread
serves all connections with a selector, so that the client takes little of the processor that it shares with
the server. Any answer that is not 2xx, and any broken connection, is an error; the harness refuses a run
with errors.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

REQUESTS_PER_CONNECTION = 100
_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What one run of the client saw. ``answered`` counts the warm-up too."""

    requests: int
    answered: int
    errors: int
    first_error: str
    seconds: float
    requests_per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    body_bytes: int
    client_cpu_seconds: float


class ConnectionLost(Exception):
    """The server closed a connection in the middle of an answer."""


class _Client:
    """One keep-alive connection with one request in flight."""

    def __init__(self, address: tuple[str, int], request: bytes) -> None:
        self.address = address
        self.request = request
        self.buffer = bytearray()
        self.sent_at = 0.0
        self.answered = 0
        self.socket = self._connect()

    def _connect(self) -> socket.socket:
        connection = socket.create_connection(self.address, timeout=10)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def send(self) -> None:
        self.buffer.clear()
        self.sent_at = time.perf_counter()
        self.socket.sendall(self.request)

    def close(self) -> None:
        self.socket.close()

    def reconnect(self) -> None:
        self.close()
        self.socket = self._connect()

    def receive(self) -> tuple[int, int, bool] | None:
        """Read what has come; (status, body size, must close) once the answer is whole, None before."""
        piece = self.socket.recv(1 << 17)
        if not piece:
            raise ConnectionLost("connection closed before the answer was whole")
        self.buffer += piece
        return parse_response(self.buffer)


def parse_response(data: bytes | bytearray) -> tuple[int, int, bool] | None:
    """(status, body size, must close) of a whole HTTP/1.1 answer, None while a part of it is missing."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = bytes(data[:end]).lower()
    status = int(head[9:12])
    close = b"\r\nconnection: close" in head
    body_starts = end + 4
    at = head.find(b"\r\ncontent-length:")
    if at >= 0:
        stop = head.find(b"\r\n", at + 2)
        length = int(head[at + 17 : stop if stop > 0 else len(head)])
        return (status, length, close) if len(data) - body_starts >= length else None
    if b"\r\ntransfer-encoding: chunked" in head:
        return (status, len(data) - body_starts, close) if data.endswith(b"0\r\n\r\n") else None
    raise ConnectionLost("an answer with neither Content-Length nor chunks")


def run_load(
    url: str, *, headers: Sequence[str] = (), clients: int = 4, seconds: float = 3.0, warm_up: float = 0.5
) -> LoadResult:
    """Keep ``clients`` connections busy with GET ``url`` for ``seconds``, after an uncounted warm-up."""
    parts = urlsplit(url)
    address = (parts.hostname or "127.0.0.1", parts.port or 80)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"GET {target} HTTP/1.1", f"Host: {parts.netloc}", "Accept: application/json", *headers]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()

    latencies: list[float] = []
    errors, first_error, body_bytes = 0, "", 0
    pool = [_Client(address, request) for _ in range(clients)]
    with selectors.DefaultSelector() as selector, contextlib.ExitStack() as stack:
        for client in pool:
            stack.callback(client.close)
            selector.register(client.socket, selectors.EVENT_READ, client)
            client.send()
        begin = time.perf_counter() + warm_up
        finish = begin + seconds
        cpu_at_begin: float | None = None
        now = time.perf_counter()
        while now < finish:
            for key, _ in selector.select(timeout=max(0.0, finish - now)):
                client = key.data
                failure = ""
                try:
                    answer = client.receive()
                    if answer is None:
                        continue
                    status, body_bytes, must_close = answer
                    if not 200 <= status < 300:
                        failure = f"status {status}: {bytes(client.buffer[-300:])!r}"
                except (ConnectionLost, OSError) as lost:
                    failure, must_close = str(lost), True
                now = time.perf_counter()
                if now >= begin:
                    if cpu_at_begin is None:
                        cpu_at_begin = time.process_time()
                    if failure:
                        errors += 1
                    else:
                        latencies.append(now - max(client.sent_at, begin))
                first_error = first_error or failure
                client.answered += 1
                # Now and then a new connection: else one worker process may get all of them by chance.
                if must_close or client.answered % REQUESTS_PER_CONNECTION == 0:
                    selector.unregister(client.socket)
                    client.reconnect()
                    selector.register(client.socket, selectors.EVENT_READ, client)
                client.send()
            now = time.perf_counter()
    cpu = time.process_time() - (cpu_at_begin if cpu_at_begin is not None else time.process_time())
    latencies.sort()
    return LoadResult(
        requests=len(latencies),
        answered=sum(client.answered for client in pool),
        errors=errors + (1 if first_error and not errors else 0),
        first_error=first_error,
        seconds=seconds,
        requests_per_second=len(latencies) / seconds,
        p50_ms=quantile(latencies, 0.50) * 1000,
        p95_ms=quantile(latencies, 0.95) * 1000,
        p99_ms=quantile(latencies, 0.99) * 1000,
        body_bytes=body_bytes,
        client_cpu_seconds=cpu,
    )


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which ``share`` of the ordered values lie; 0 of nothing."""
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class LoadFailed(Exception):
    """A run of the load client had errors: its figures mean nothing."""


def measure(url: str, *, headers: Sequence[str] = (), clients: int, seconds: float) -> LoadResult:
    """Run the client in a process of its own and return what it saw; LoadFailed on any error."""
    command = [sys.executable, "-m", "bench.load", "--url", url, "--clients", str(clients)]
    command += ["--seconds", str(seconds)]
    for header in headers:
        command += ["--header", header]
    done = subprocess.run(
        command, cwd=_ROOT, capture_output=True, text=True, timeout=seconds + 60, check=False
    )
    if done.returncode:
        raise LoadFailed(f"The load client ended with {done.returncode} on {url}: {done.stderr[-2000:]}")
    result = LoadResult(**json.loads(done.stdout))
    if result.errors or not result.requests:
        raise LoadFailed(
            f"{result.errors} of {result.requests} requests to {url} failed: {result.first_error}"
        )
    return result


def main() -> None:
    """Command line of one run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--header", action="append", default=[], help="'Name: value', may be repeated")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=3.0)
    options = parser.parse_args()
    result = run_load(options.url, headers=options.header, clients=options.clients, seconds=options.seconds)
    print(json.dumps(asdict(result)))


if __name__ == "__main__":
    main()
