"""Commands without the start of Python and Django, which takes longer than most of what they do.

A process per kind (migrations, worker, web) has started as any command does, and forks for each that is asked for: the
fork gets the environment, databases and arguments of that command, and ends with it. What else a process takes from its
environment it has taken already, so a command whose environment says otherwise is started in the ordinary way, as are all
in tests of starting, moving and killing.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from config.settings.environment import kind_of_command

ROOT = Path(__file__).resolve().parents[1]
_PASSING = ("PYTEST_", "TRELLIS_TEST_", "TRELLIS_PROCESS", "DJANGO_SETTINGS_MODULE")
"""Variables of the test run, and those that are the same or looked at apart."""
_starters: dict[str, Starter] = {}


def run(environment: Mapping[str, str], *command: str, code: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command of `manage.py`, or code, in this environment and no other; the caller looks at what it said."""
    kind = environment.get("TRELLIS_PROCESS") or kind_of_command(*command[:1])
    starter = _starters.get(kind) or _starters.setdefault(kind, Starter(kind))
    if starter.serves(environment):
        return starter.run(environment, *command, code=code)
    return subprocess.run(
        [sys.executable, *(("-c", code) if code else ("manage.py", *command))],
        cwd=ROOT,
        env=dict(environment),
        capture_output=True,
        text=True,
    )


def _lasting(environment: Mapping[str, str]) -> dict[str, str]:
    """What a process takes from its environment as it starts, its databases left out."""
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith(_PASSING) and not name.endswith("DATABASE_URL")
    }


class Starter:
    """The process that forks, from outside."""

    def __init__(self, kind: str) -> None:
        own = {**os.environ, "TRELLIS_PROCESS": kind, "DJANGO_SETTINGS_MODULE": "config.settings"}
        self._lasting = _lasting(own)
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.starter"],
            cwd=ROOT,
            env=own,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self._end)

    def _end(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.wait()

    def serves(self, environment: Mapping[str, str]) -> bool:
        """Whether a process with this environment differs from this one in databases alone."""
        return _lasting(environment) == self._lasting

    def run(
        self, environment: Mapping[str, str], *arguments: str, code: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """As ``subprocess.run`` of `manage.py` with these arguments, or of Python with this code."""
        with (
            tempfile.NamedTemporaryFile("w+") as out,
            tempfile.NamedTemporaryFile("w+") as err,
            self._lock,
        ):
            asked = {
                "environment": dict(environment),
                "arguments": arguments,
                "code": code,
                "out": out.name,
                "err": err.name,
            }
            stdin, stdout = self._process.stdin, self._process.stdout
            assert stdin is not None
            assert stdout is not None
            stdin.write(f"{json.dumps(asked)}\n")
            stdin.flush()
            answer = stdout.readline()
            assert answer, "the starter has ended"
            return subprocess.CompletedProcess(
                arguments, json.loads(answer)["status"], out.read(), err.read()
            )


def serve() -> None:
    """In the process that forks: a line for each command, until its parent ends."""
    import django

    django.setup()
    import config.urls  # noqa: F401  # what the checks of a command look at

    for line in sys.stdin:
        child = os.fork()
        if not child:
            _become(json.loads(line))
        _, status = os.waitpid(child, 0)
        print(json.dumps({"status": os.waitstatus_to_exitcode(status)}), flush=True)


def _become(asked: dict[str, Any]) -> None:
    """In the fork: the command, from beginning to end."""
    status = 1
    try:
        _redirect(asked["out"], asked["err"])
        os.environ.clear()
        os.environ.update(asked["environment"])
        _use_its_databases()
        status = _run(asked)
    except SystemExit as ended:
        if isinstance(ended.code, int) or ended.code is None:
            status = ended.code or 0
        else:
            print(ended.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()
        os._exit(status)


def _redirect(out: str, err: str) -> None:
    for descriptor, path, mode in (
        (0, os.devnull, os.O_RDONLY),
        (1, out, os.O_WRONLY),
        (2, err, os.O_WRONLY),
    ):
        opened = os.open(path, mode | os.O_APPEND)
        os.dup2(opened, descriptor)
        os.close(opened)


def _use_its_databases() -> None:
    """As a running process follows a domain that has moved."""
    import environ
    from django.conf import settings
    from django.db import connections

    from config.settings.databases import databases
    from shared.domains.moving.follow import use_databases

    for known in connections.all(initialized_only=True):
        del connections[known.alias]  # nothing has been asked on it yet
    use_databases(databases(environ.Env(), settings.PROCESS_KIND, settings.DOMAINS))


def _run(asked: dict[str, Any]) -> int:
    if asked["code"]:
        exec(compile(asked["code"], "<code>", "exec"), {"__name__": "__main__"})
        return 0
    import manage

    sys.argv = ["manage.py", *asked["arguments"]]
    manage.main()
    return 0


if __name__ == "__main__":
    serve()
