"""The supervisor: children end together, failures are one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shared.devserver import supervisor as module
from shared.devserver.processes import command_line
from shared.devserver.refusal import Refusal
from shared.devserver.supervisor import Program, Stopped, Supervisor

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def supervisor(tmp_path: Path) -> Supervisor:
    return Supervisor(tmp_path, tmp_path)


def program(code: str) -> Program:
    return Program("child", "child program", (sys.executable, "-u", "-c", code), "web", "up")


def wait_for(file: Path) -> str:
    for _ in range(200):
        if file.exists() and (text := file.read_text()).endswith("\n"):
            return text
        time.sleep(0.05)
    raise AssertionError(f"{file} was not written")


def test_a_child_that_ends_by_itself_is_named_with_its_log(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(program("raise SystemExit(3)"))
    sentence = rf"The child program ended by itself \(exit code 3; it said nothing\).*{tmp_path}/child.log"
    with pytest.raises(Refusal, match=sentence):
        supervisor.wait_for_all()
    supervisor.stop()


def test_stop_also_ends_grandchildren_and_children_that_will_not(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_GRACE_SECONDS", 0.3)
    monkeypatch.setattr(module, "_INSIST_SECONDS", 0.3)
    code = (
        "import os, signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGQUIT, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print('up', flush=True)\n"
        "open('pids', 'w').write(f'{os.getpid()} {child.pid}\\n')\n"
        "time.sleep(600)"
    )
    supervisor.start(program(code))
    pids = [int(pid) for pid in wait_for(tmp_path / "pids").split()]
    supervisor.wait_for_all()
    supervisor.stop()
    for _ in range(100):  # the grandchild is reaped by the system
        if not any(command_line(pid) for pid in pids):
            break
        time.sleep(0.05)
    assert [command_line(pid) for pid in pids] == [None, None]


@pytest.mark.faults
def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from shared.devserver.supervisor import Program, Supervisor\n"
        "here = Path(sys.argv[1]); supervisor = Supervisor(here, here)\n"
        'child = "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"\n'
        "child += \"open('pid', 'w').write(f'{os.getpid()}\\\\n'); time.sleep(600)\"\n"
        "supervisor.start(Program('child', 'child', (sys.executable, '-c', child), 'web', 'up'))\n"
        "time.sleep(600)"
    )
    killed = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT)
    pid = int(wait_for(tmp_path / "pid"))
    killed.kill()
    killed.wait()
    for _ in range(100):
        if command_line(pid) is None:
            break
        time.sleep(0.05)
    assert command_line(pid) is None


def test_a_failing_step_says_its_last_words(supervisor: Supervisor, tmp_path: Path) -> None:
    command = (sys.executable, "-c", "import sys; print('first'); sys.exit('no such table')")
    with pytest.raises(Refusal, match=rf"Migrating failed \(no such table\): {tmp_path}/step.log says why."):
        supervisor.run("Migrating", "step", command)


def test_of_a_traceback_the_error_is_quoted(supervisor: Supervisor) -> None:
    code = "class QueryError(Exception): pass\nraise QueryError('no such column\\nLINE 1: SELECT x\\n              ^')"
    with pytest.raises(Refusal, match=r"Migrating failed \(QueryError: no such column\)"):
        supervisor.run("Migrating", "step", (sys.executable, "-c", code))


def test_a_command_with_a_sentence_for_people_is_quoted_alone(supervisor: Supervisor) -> None:
    command = (sys.executable, "-c", "import sys; sys.exit('CommandError: Start the server.')")
    with pytest.raises(Refusal) as refusal:
        supervisor.run("Preparing", "step", command)
    assert str(refusal.value) == "Start the server."


def test_a_request_to_stop_ends_a_running_step(supervisor: Supervisor) -> None:
    supervisor.stop_asked = True
    started = time.monotonic()
    with pytest.raises(Stopped):
        supervisor.run("Migrating", "step", (sys.executable, "-c", "import time; time.sleep(60)"))
    assert time.monotonic() - started < 10


def test_children_get_the_environment_of_the_checkout(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "the caller's")
    supervisor.environment = {"DATABASE_URL": "the web login's"}
    code = "import os, sys; sys.exit(os.environ['DATABASE_URL'])"
    with pytest.raises(Refusal, match="the web login's"):
        supervisor.run("Step", "step", (sys.executable, "-c", code))
    assert os.environ["DATABASE_URL"] == "the caller's"


def test_children_do_not_get_what_is_withheld(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "the caller's")
    supervisor.withheld = frozenset({"DATABASE_URL"})
    code = "import os, sys; sys.exit(os.environ.get('DATABASE_URL', 'from the file'))"
    with pytest.raises(Refusal, match="from the file"):
        supervisor.run("Step", "step", (sys.executable, "-c", code))
