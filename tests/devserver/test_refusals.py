"""What stands in the way of `make run` is one sentence that says what to do, and never a traceback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def free_port() -> str:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return str(server.getsockname()[1])


def refusal_of_run(home: Path, **environment: str) -> str:
    """What `make run` says; the exit code is 1 and there is exactly one line."""
    plain = {k: v for k, v in os.environ.items() if not k.endswith("_URL") and not k.startswith("TRELLIS_")}
    done = subprocess.run(
        [sys.executable, "-m", "shared.devserver.run", "--home", str(home)],
        cwd=ROOT,
        env=plain | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_port_in_use(home: Path, taken_port: int) -> None:
    sentence = refusal_of_run(home, PORT=str(taken_port))
    assert sentence.startswith(
        f"Port {taken_port} is in use by another program: stop that, or choose another port"
    )
    assert "make run PORT=" in sentence


@pytest.mark.parametrize("port", ["banana", "0", "65536", "-1", "²"])
def test_port_that_is_none(home: Path, port: str) -> None:
    assert refusal_of_run(home, PORT=port).startswith(f"PORT={port} is not a port: give a number")


def test_database_url_that_is_none(home: Path) -> None:
    assert "must look like postgresql://" in refusal_of_run(
        home, PORT=free_port(), DATABASE_URL="sqlite:///x"
    )


def test_broker_out_of_reach(home: Path) -> None:
    sentence = refusal_of_run(home, PORT=free_port(), REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    assert "cannot be used" in sentence
    assert sentence.endswith("start it or correct REDIS_URL.")


def test_database_out_of_reach(home: Path) -> None:
    url = f"postgresql://postgres@127.0.0.1:{free_port()}/trellis"
    sentence = refusal_of_run(home, PORT=free_port(), DATABASE_URL=url)
    assert "cannot be reached" in sentence
    assert "DATABASE_URL" in sentence


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of nothing but the bootstrap, with a path on which only the test's own programs lie."""
    (tmp_path / "shared/devserver").mkdir(parents=True)
    shutil.copy(ROOT / "shared/devserver/bootstrap.sh", tmp_path / "shared/devserver")
    for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt"):
        (tmp_path / name).touch()
    (tmp_path / "bin").mkdir()
    for tool in ("dirname", "mkdir", "cat", "cksum", "tail", "grep", "id", "flock"):
        if found := shutil.which(tool):
            (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path


def bootstrap(checkout: Path, **environment: str) -> str:
    done = subprocess.run(
        ["/bin/sh", "shared/devserver/bootstrap.sh", "requirements.txt"],
        cwd=checkout,
        env={"PATH": str(checkout / "bin"), **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def pretend_python(checkout: Path, name: str, version: str, *, venv: bool = True) -> None:
    """A Python that knows its version and whether it has the module venv, and nothing else."""
    too_old = tuple(int(part) for part in version.split(".")) < (3, 11)
    script = f"""#!/bin/sh
case "$2" in
    *print*) echo {version} ;;
    *version_info*) exit {int(too_old)} ;;
    *ensurepip*) exit {int(not venv)} ;;
    *) exit 1 ;;
esac
"""
    (checkout / "bin" / name).write_text(script)
    (checkout / "bin" / name).chmod(0o755)


def test_no_python(checkout: Path) -> None:
    assert "found none: run `apt install python3 python3-venv`" in bootstrap(checkout)


def test_python_too_old(checkout: Path) -> None:
    pretend_python(checkout, "python3", "3.9")
    assert "needs Python 3.11 or newer and found only 3.9: install python3.11" in bootstrap(checkout)


def test_python_without_venv(checkout: Path) -> None:
    pretend_python(checkout, "python3", "3.11", venv=False)
    assert "Python 3.11 lacks its venv module: run `apt install python3-venv`" in bootstrap(checkout)


def test_a_second_python_without_venv_names_its_own_package(checkout: Path) -> None:
    pretend_python(checkout, "python3", "3.9")
    pretend_python(checkout, "python3.12", "3.12", venv=False)
    assert "run `apt install python3.12-venv`" in bootstrap(checkout)


def test_a_named_python_that_is_none(checkout: Path) -> None:
    assert "PYTHON=/nowhere is not a Python that can be run" in bootstrap(checkout, PYTHON="/nowhere")
