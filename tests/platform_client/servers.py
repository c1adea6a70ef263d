"""Servers for the client to ask: the platform itself over HTTP, and ones that misbehave."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import WSGIRequestHandler, WSGIServer
from django.db import connections


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            connections.close_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is no news."""


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None: ...


@contextmanager
def platform_server() -> Iterator[str]:
    """Trellis over HTTP, keep-alive and all, on this process's database; yields its URL."""
    server = _Server(("127.0.0.1", 0), _Quiet)
    server.set_app(WSGIHandler())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


Behaviour = Callable[[socket.socket], None]


@contextmanager
def misbehaving_server(behave: Behaviour) -> Iterator[str]:
    """Hands each connection to ``behave``, in a thread of its own; yields its URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    stopped = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection:
            try:
                behave(connection)
                stopped.wait(0.01)
            except OSError:
                pass  # the client has had enough

    def accept() -> None:
        while not stopped.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stopped.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@contextmanager
def stopped_server() -> Iterator[str]:
    """An address at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{probe.getsockname()[1]}"  # bound, not listening: connections are refused


def answering(raw: bytes) -> Behaviour:
    """Reads a request and sends these bytes."""

    def behave(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(raw)

    return behave


def json_answer(body: bytes, status: str = "200 OK") -> bytes:
    """A complete answer with this body."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def silent(connection: socket.socket) -> None:
    """Accepts, and never answers."""
    time.sleep(30)


def dripping(connection: socket.socket) -> None:
    """Answers a byte at a time: never slow enough for a time limit per read."""
    connection.recv(65536)
    for byte in json_answer(b" " * 10_000):
        connection.sendall(bytes((byte,)))
        time.sleep(0.05)


def _huge(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        connection.sendall(b"[" * 65536)


_HTML = b"<html><body><h1>Bad gateway</h1></body></html>"
MISBEHAVIOURS: dict[str, Behaviour] = {
    "never answers": silent,
    "drips": dripping,
    "hangs up": lambda connection: None,
    "is no HTTP server": answering(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "HTML 502": answering(json_answer(_HTML, "502 Bad Gateway")),
    "HTML 200": answering(json_answer(_HTML)),
    "truncated": answering(json_answer(b'{"id": "' + b"x" * 500)[:200]),
    "half an object": answering(json_answer(b'{"id": ')),
    "JSON of another kind": answering(json_answer(b'{"hello": ["world"]}')),
    "JSON that is no object": answering(json_answer(b"7")),
    "huge": _huge,
    "redirects": answering(
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"
    ),
    "compressed": answering(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\n" + b"\x1f\x8b" * 10
    ),
    "another program's 404": answering(json_answer(b'{"detail": "Not found."}', "404 Not Found")),
    "another program's 400": answering(json_answer(b'{"email": ["bad"]}', "400 Bad Request")),
    "a bug": answering(json_answer(b'{"type": "urn:trellis:problem:internal", "detail": "?"}', "500 Error")),
}
"""By what the server does."""
