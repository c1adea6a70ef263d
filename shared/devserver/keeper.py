"""The keeper: the parent of the embedded servers of one home, which outlives whoever started it.

Everyone who uses the servers holds a shared lock on ``users.lock``. When nobody does any more, because all
have stopped or were killed, the keeper stops the servers in good order and ends. A killed keeper takes
its servers along (the kernel signals them).
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from shared.devserver.accounts import data_folder, server_account
from shared.devserver.locks import FileLock
from shared.devserver.ports import preferred_port
from shared.devserver.postgres import EmbeddedPostgres
from shared.devserver.refusal import Refusal
from shared.devserver.valkey import EmbeddedValkey

_LOOK_EVERY = 0.2
_POSTGRES_PORTS = 15000
_VALKEY_PORTS = 16000


@dataclass(frozen=True)
class State:
    """What is remembered of a home between starts, in ``services.json``."""

    identity: str = ""
    postgres_port: int | None = None
    valkey_port: int | None = None
    bootstrap_database_url: str = ""
    redis_url: str = ""
    keeper: int | None = None

    @classmethod
    def read(cls, home: Path) -> State:
        """The state of ``home``; a fresh one where there is none."""
        try:
            return cls(**json.loads((home / "services.json").read_text()))
        except (OSError, ValueError, TypeError):
            return cls(identity=secrets.token_hex(8))

    def write(self, home: Path) -> None:
        """Store it, readable by this user alone."""
        making = home / "services.json.making"
        with os.fdopen(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(asdict(self), file, indent=1)
        making.rename(home / "services.json")


class Keeper:
    """Starts, watches and stops the servers of ``home``."""

    def __init__(self, home: Path, *, durable: bool, postgres: bool, valkey: bool) -> None:
        self.home = home
        self.state = State.read(home)
        self.state.write(home)
        self.logs = home / "logs"
        self.logs.mkdir(exist_ok=True)
        self.postgres: EmbeddedPostgres | None = None
        self.valkey: EmbeddedValkey | None = None
        self.stopping = False
        if postgres:
            account = server_account()
            folder = data_folder(home, account, self.state.identity)
            self.postgres = EmbeddedPostgres(folder, self.logs / "postgres.log", account, durable)
        if valkey:
            self.valkey = EmbeddedValkey(home / "valkey", self.logs / "valkey.log", durable)

    def start(self) -> None:
        """Start what was asked for and write down where it is."""
        state = replace(self.state, keeper=os.getpid(), bootstrap_database_url="", redis_url="")
        if self.postgres:
            port = self.postgres.start(state.postgres_port or preferred_port(self.home, _POSTGRES_PORTS))
            state = replace(state, postgres_port=port, bootstrap_database_url=self.postgres.url(port))
        if self.valkey:
            port = self.valkey.start(state.valkey_port or preferred_port(self.home, _VALKEY_PORTS))
            state = replace(state, valkey_port=port, redis_url=self.valkey.url(port))
        state.write(self.home)
        self.state = state

    def watch(self) -> None:
        """Return when the servers are to stop: nobody uses them, one has died, or someone said so."""
        users = FileLock(self.home / "users.lock")
        while not self.stopping:
            for server in (self.postgres, self.valkey):
                if server and server.process and server.process.poll() is not None:
                    print(f"{server.name} ended by itself, {server.log} says why", flush=True)
                    return
            if State.read(self.home).keeper != os.getpid():
                print(f"{self.home} was removed or taken over", flush=True)
                return
            # Taken, the lock is kept to the end: who comes now waits for it and starts a keeper of their own.
            if not (self.home / "held").exists() and users.acquire(wait=False):
                return
            time.sleep(_LOOK_EVERY)

    def stop(self) -> None:
        """Stop what runs. The ports stay remembered."""
        for server in (self.valkey, self.postgres):
            if server:
                server.stop()
        if self.home.exists() and State.read(self.home).identity == self.state.identity:
            replace(self.state, keeper=None, bootstrap_database_url="", redis_url="").write(self.home)

    def stop_soon(self, *_: object) -> None:
        """Signal handler."""
        self.stopping = True


def main(home: Path, parts: str, durable: bool) -> int:
    """Run a keeper; the first line on standard output tells the starter how the start went."""
    alive = FileLock(home / "keeper.lock")
    if not alive.acquire(wait=False):
        _answer("These servers are being started or stopped by another process: try again.")
        return 1
    keeper: Keeper | None = None
    try:
        keeper = Keeper(home, durable=durable, postgres="p" in parts, valkey="v" in parts)
        for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(sign, keeper.stop_soon)
        keeper.start()
        _answer("")
        keeper.watch()
    except Refusal as refusal:
        _answer(str(refusal))
        return 1
    except Exception as error:
        _answer(f"The embedded servers could not be started ({error!r}): see {home / 'logs'}.")
        raise
    finally:
        if keeper:
            keeper.stop()
    return 0


def _answer(refusal: str) -> None:
    """Tell the starter, who reads our standard output, and from then on write to the log alone."""
    with contextlib.suppress(OSError):  # the starter has gone: the users' lock will tell
        os.write(1, (json.dumps({"refusal": refusal}) + "\n").encode())
    os.dup2(2, 1)


if __name__ == "__main__":
    if os.fork():  # so that the keeper is nobody's child and leaves no zombie with whoever started it
        os._exit(0)
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "durable"))
