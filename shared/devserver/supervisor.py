"""Runs the platform's processes and ends them together."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shared.devserver.processes import dying_with, reason
from shared.devserver.refusal import Refusal

_GRACE_SECONDS = 8.0
_INSIST_SECONDS = 5.0
_READY_SECONDS = 30.0
_LOOK_EVERY = 0.1


class Stopped(Exception):
    """Someone asked us to stop; not a failure."""


@dataclass(frozen=True)
class Program:
    """A process of the platform; ``kind`` chooses its database login, ``ready`` is what its log says once it
    works, ``environment`` are variables of its own."""

    name: str
    title: str
    command: tuple[str, ...]
    kind: str
    ready: str
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Supervisor:
    """Starts children in process groups of their own, logs them to files, and takes them down with it.

    They inherit our environment without the variables in ``withheld``, and with those in ``environment``.
    """

    folder: Path
    logs: Path
    environment: dict[str, str] = field(default_factory=dict)
    withheld: frozenset[str] = frozenset()
    stop_asked: bool = False
    _running: dict[str, tuple[Program, subprocess.Popen[bytes]]] = field(default_factory=dict)

    def listen(self) -> None:
        """Stop when asked by signal. A hang-up that our starter ignores (nohup) stays ignored."""
        for sign in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sign, self._ask)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._ask)

    def _ask(self, *_: object) -> None:
        self.stop_asked = True

    def check(self) -> None:
        """Raise Stopped once someone has asked us to stop."""
        if self.stop_asked:
            raise Stopped

    def run(
        self, title: str, name: str, command: Iterable[str], environment: Mapping[str, str] | None = None
    ) -> None:
        """Run one command to its end; raises Refusal with its last words when it fails."""
        log = self.logs / f"{name}.log"
        process = self._spawn(tuple(command), log, environment or {}, "wb")
        try:
            while process.poll() is None:
                self.check()
                time.sleep(_LOOK_EVERY)
        except Stopped:
            _end([process])
            raise
        if process.returncode:
            words = reason(log)
            if words.startswith("CommandError: "):  # a command's own sentence for people
                raise Refusal(words.removeprefix("CommandError: "))
            raise Refusal(f"{title} failed ({words or f'exit code {process.returncode}'}): {log} says why.")

    def start(self, program: Program) -> None:
        """Start a program that is to run until the end."""
        log = self.logs / f"{program.name}.log"
        process = self._spawn(
            program.command, log, {"TRELLIS_PROCESS": program.kind, **program.environment}, "wb"
        )
        self._running[program.name] = (program, process)

    def look(self) -> None:
        """Raise Stopped when asked to stop, and Refusal when a program has ended by itself."""
        self.check()
        for program, process in self._running.values():
            if (code := process.poll()) is not None:
                log = self.logs / f"{program.name}.log"
                how = f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
                words = reason(log) or "it said nothing"
                raise Refusal(
                    f"The {program.title} ended by itself ({how}; {words}), so everything was stopped: see {log}."
                )

    def wait_for_all(self) -> None:
        """Return once every program has said that it is ready (or is late: its log then says why)."""
        give_up = time.monotonic() + _READY_SECONDS
        for program, _ in self._running.values():
            log = self.logs / f"{program.name}.log"
            while program.ready not in log.read_text(errors="replace") and time.monotonic() < give_up:
                self.look()
                time.sleep(_LOOK_EVERY)

    def wait(self, seconds: float) -> None:
        """Sleep, but not through a request to stop."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.stop_asked:
            time.sleep(min(_LOOK_EVERY, seconds))

    def stop(self) -> None:
        """End all programs, the last started first; kill those that do not end in time."""
        _end([process for _, process in reversed(self._running.values())])
        self._running.clear()

    def _inherited(self) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if name not in self.withheld}

    def _spawn(
        self, command: tuple[str, ...], log: Path, environment: Mapping[str, str], mode: str
    ) -> subprocess.Popen[bytes]:
        with log.open(mode) as output:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env={**self._inherited(), **self.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C reaches us alone, and we end the others in order
                # Killed: the broker goes too, and a worker that shuts down in good order would wait for it.
                preexec_fn=dying_with(os.getpid(), signal.SIGKILL),
            )


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    """Ask, then insist (a Celery worker puts unfinished tasks back), then kill what is left of each group."""
    for sign, seconds in ((signal.SIGTERM, _GRACE_SECONDS), (signal.SIGQUIT, _INSIST_SECONDS)):
        for process in processes:
            if process.poll() is None:
                process.send_signal(sign)
        give_up = time.monotonic() + seconds
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, give_up - time.monotonic()))
    for process in processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
