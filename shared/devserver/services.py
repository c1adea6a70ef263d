"""Embedded PostgreSQL and Valkey for a checkout, for the tests and for the benchmarks.

    with Services(Path(".dev/test"), durable=False) as urls:
        psycopg.connect(urls.bootstrap_database_url)

Any number of processes may use one home at the same time; the servers stop when the last one has stopped
using them or was killed. Data and ports are kept in the home.
"""

from __future__ import annotations

import argparse
import json
import os
import pwd
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from shared.devserver.accounts import forget_data
from shared.devserver.keeper import State
from shared.devserver.locks import FileLock, is_held
from shared.devserver.processes import last_lines
from shared.devserver.refusal import Refusal

_SOURCE = Path(__file__).resolve().parent.parent.parent
_STOP_SECONDS = 60.0


@dataclass(frozen=True)
class ServiceUrls:
    """Where the servers are. The database URL is the superuser's, of the database ``postgres``."""

    bootstrap_database_url: str
    redis_url: str


class Services:
    """The embedded servers of ``home``. ``durable=False`` trades safety of the data for speed (tests alone);
    ``postgres`` and ``valkey`` choose what is needed."""

    def __init__(
        self, home: Path, durable: bool = True, *, postgres: bool = True, valkey: bool = True
    ) -> None:
        self.home = home.resolve()
        self.durable = durable
        self.parts = ("p" if postgres else "") + ("v" if valkey else "")
        self._users = FileLock(self.home / "users.lock")

    def start(self) -> ServiceUrls:
        """Start the servers, or join those that run; raises Refusal."""
        self._make_home()
        with FileLock(self.home / "start.lock"):
            self._users.acquire(shared=True)  # waits for servers that are just stopping
            try:
                if not self.running():
                    self._start_keeper()
                state = State.read(self.home)
                lacking = ("p" in self.parts and not state.bootstrap_database_url) or (
                    "v" in self.parts and not state.redis_url
                )
                if lacking:
                    raise Refusal(
                        f"The servers of {self.home} run without one that is needed now: stop whatever "
                        "uses them, then start again."
                    )
            except BaseException:
                self._users.release()
                raise
        return ServiceUrls(state.bootstrap_database_url, state.redis_url)

    def stop(self) -> None:
        """Stop using the servers. They end now, unless another process uses them."""
        self._users.release()
        give_up = time.monotonic() + _STOP_SECONDS
        while self.running() and time.monotonic() < give_up:
            used = is_held(self._users.path) and not is_held(self._users.path, shared=True)
            if used or (self.home / "held").exists():
                return
            time.sleep(0.05)

    def running(self) -> bool:
        """Whether the servers run, for whomever."""
        return (self.home / "keeper.lock").exists() and is_held(self.home / "keeper.lock")

    def hold(self) -> ServiceUrls:
        """Start the servers and leave them running without a user, until :meth:`halt`."""
        urls = self.start()
        (self.home / "held").touch()
        self._users.release()
        return urls

    def halt(self) -> None:
        """Stop the servers whoever uses them."""
        (self.home / "held").unlink(missing_ok=True)
        keeper = State.read(self.home).keeper
        if self.running() and keeper:
            os.kill(keeper, signal.SIGTERM)
        give_up = time.monotonic() + _STOP_SECONDS
        while self.running():
            if time.monotonic() > give_up:
                raise Refusal(f"The servers of {self.home} do not stop (process {keeper}): end them by hand.")
            time.sleep(0.05)

    def forget(self) -> None:
        """Stop the servers and remove data of theirs that lies outside the home."""
        if self.home.exists():
            self.halt()
        forget_data(self.home)

    def __enter__(self) -> ServiceUrls:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _make_home(self) -> None:
        try:
            self.home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Refusal(f"The folder {self.home} cannot be made ({error.strerror}).") from error
        owner = self.home.stat().st_uid
        if owner != os.geteuid():
            try:
                name = pwd.getpwuid(owner).pw_name
            except KeyError:
                name = str(owner)
            raise Refusal(
                f"The folder {self.home} belongs to the user {name}: run make as {name}, or remove it."
            )

    def _start_keeper(self) -> None:
        (self.home / "logs").mkdir(exist_ok=True)
        log = self.home / "logs" / "keeper.log"
        speed = "durable" if self.durable else "fast"
        with log.open("wb") as errors:
            starter = subprocess.Popen(
                [sys.executable, "-m", "shared.devserver.keeper", str(self.home), self.parts, speed],
                cwd=_SOURCE,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        assert starter.stdout is not None
        with starter.stdout as answers:
            answer = answers.readline()
        starter.wait()
        if not answer:
            raise Refusal(f"The embedded servers could not be started ({last_lines(log)}): {log} says why.")
        refusal = json.loads(answer)["refusal"]
        if refusal:
            while self.running():  # it still stops what it had started
                time.sleep(0.02)
            raise Refusal(refusal)


def main() -> int:
    """Start, stop or show the servers of a home from the command line."""
    parser = argparse.ArgumentParser(prog="python -m shared.devserver.services", description=main.__doc__)
    parser.add_argument("command", choices=["start", "stop", "status", "forget"])
    parser.add_argument("--home", type=Path, default=Path(".dev"))
    parser.add_argument("--fast", action="store_true", help="data need not survive a crash (tests)")
    options = parser.parse_args()
    services = Services(options.home, durable=not options.fast)
    try:
        if options.command == "start":
            urls = services.hold()
            print(f"BOOTSTRAP_DATABASE_URL={urls.bootstrap_database_url}\nREDIS_URL={urls.redis_url}")
        elif options.command == "stop":
            services.halt()
        elif options.command == "forget":
            services.forget()
        else:
            print("running" if services.running() else "stopped")
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
