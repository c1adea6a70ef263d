"""Processes that end with the one that started them, also when it is killed."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def end_with_parent(sign: signal.Signals) -> None:
    """Have the kernel send ``sign`` to this process when its parent dies (on Linux alone)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(sign), 0, 0, 0)


def dying_with(parent: int, sign: signal.Signals) -> Callable[[], None]:
    """A ``preexec_fn`` for Popen that ties the child to ``parent``. It runs after the change of account,
    which would clear the setting."""

    def prepare() -> None:
        end_with_parent(sign)
        if os.getppid() != parent:  # the parent died before the kernel knew
            os._exit(1)

    return prepare


def command_line(pid: int) -> str | None:
    """What process ``pid`` runs, or None when there is none (or it is a zombie)."""
    if Path("/proc/self/cmdline").exists():
        try:
            return (
                Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                or None
            )
        except OSError:
            return None
    shown = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True)
    return shown.stdout.strip() or None


def last_lines(log: Path, count: int = 1) -> str:
    """The last ``count`` lines of a log that say something."""
    try:
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    except OSError:
        return ""
    return "\n".join(lines[-count:])


def reason(log: Path) -> str:
    """The line of a log that says best why a program failed: the last error that it names, or its last line."""
    lines = last_lines(log, 200).splitlines()
    error = re.compile(r"((\w+\.)+[A-Z]\w*|[A-Z]\w*(Error|Exception)): ")
    return ([line for line in lines if error.match(line)] or lines or [""])[-1].strip()
