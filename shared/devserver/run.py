"""`make run`: from a checkout to a running platform, and back to nothing when it is stopped."""

from __future__ import annotations

import argparse
import contextlib
import errno
import http.client
import os
import signal
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from shared.devserver.access import complete_access, read_access
from shared.devserver.apart import apart_environment
from shared.devserver.environment import (
    bootstrap_url,
    make_environment,
    urls_of_moved_domains,
    write_environment,
)
from shared.devserver.locks import FileLock
from shared.devserver.ports import LOOPBACK, free_port
from shared.devserver.processes import end_with_parent, last_lines
from shared.devserver.programs import programs, web_program
from shared.devserver.refusal import Refusal
from shared.devserver.services import Services
from shared.devserver.supervisor import Program, Stopped, Supervisor
from shared.domains.logins import login_url

ROOT = Path(__file__).resolve().parent.parent.parent
DEFAULT_PORT = 8000
_READY_SECONDS = 120.0
_OLDEST_REDIS = (6, 2)  # XAUTOCLAIM


@dataclass(frozen=True)
class Plan:
    """What the caller's environment asks for. Servers that it does not name are our own."""

    home: Path
    port: int
    database_url: str | None
    redis_url: str | None
    apart: bool = False

    @classmethod
    def from_environment(cls, home: Path) -> Plan:
        """Read PORT, DATABASE_URL, REDIS_URL and APART; raises Refusal for what cannot be meant."""
        text = os.environ.get("PORT") or str(DEFAULT_PORT)
        if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
            raise Refusal(f"PORT={text} is not a port: give a number from 1 to 65535, such as PORT=8001.")
        url = os.environ.get("DATABASE_URL")
        return cls(
            home,
            int(text),
            bootstrap_url(url) if url else None,
            os.environ.get("REDIS_URL") or None,
            os.environ.get("APART", "") not in ("", "0"),
        )

    @property
    def base_url(self) -> str:
        """Where people and programs reach the platform."""
        return f"http://{LOOPBACK}:{self.port}"


def claim_port(port: int) -> None:
    """Refuse a port that we could not listen on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno == errno.EACCES:
                raise Refusal(f"Port {port} is reserved for root: choose another with PORT=8001.") from error
            free = free_port(port + 1)
            raise Refusal(
                f"Port {port} is in use by another program: stop that, or choose another port with "
                f"`make run PORT={free}`."
            ) from error


def check_broker(url: str) -> None:
    """Refuse a broker that does not answer or is too old."""
    try:
        parts = urlsplit(url)
        where = f"{parts.hostname}:{parts.port or 6379}"
        client = redis.Redis.from_url(url, socket_timeout=5, retry=Retry(NoBackoff(), 0))
    except ValueError as error:
        raise Refusal(
            f"REDIS_URL cannot be read ({error}): it must look like redis://host:6379/0."
        ) from error
    try:
        server: Any = client.info("server")
    except (redis.RedisError, OSError) as error:
        raise Refusal(
            f"The broker at {where} cannot be used ({error}): start it or correct REDIS_URL."
        ) from error
    finally:
        client.close()
    version = str(server["redis_version"])
    if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST_REDIS:
        raise Refusal(
            f"The broker at {where} is Redis {version}: upgrade it to 6.2 or newer, or correct REDIS_URL."
        )


def wait_until_ready(supervisor: Supervisor, port: int) -> None:
    """Return once the web server says that it is ready; raises Refusal when it never does."""
    give_up = time.monotonic() + _READY_SECONDS
    answer = "no answer"
    while time.monotonic() < give_up:
        supervisor.look()
        connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
        try:
            connection.request("GET", "/health/ready")
            response = connection.getresponse()
            if response.status == 200:
                return
            answer = f"{response.status} {response.read(500).decode(errors='replace')}"
        except OSError as error:
            answer = str(error)
        finally:
            connection.close()
        supervisor.wait(0.2)
    log = supervisor.logs / "web.log"
    raise Refusal(f"The platform was not ready within {_READY_SECONDS:.0f} s ({answer.strip()}): see {log}.")


def say(text: str) -> None:
    """Print, also when nobody reads any more."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


def welcome(access: dict[str, Any], home: Path) -> str:
    """What people read once the platform runs."""
    admin = access.get("admin", {})
    return "\n".join(
        (
            "",
            f"  Trellis runs at  {access['base_url']}",
            f"  Back office      {admin.get('url', '-')}",
            f"  E-mail           {admin.get('email', '-')}",
            f"  Password         {admin.get('password', '-')}",
            "",
            f"  Keys and URLs are in {_shown(home / 'access.json')}, logs in {_shown(home / 'logs')}/.",
            "  Ctrl-C stops everything; the data stay for the next start.",
            "",
        )
    )


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def prepare(plan: Plan, supervisor: Supervisor, bootstrap: str, redis_url: str) -> dict[str, str]:
    """Bring database and demo data up to date; returns the environment of the processes."""
    variables = make_environment(
        plan.home,
        bootstrap=bootstrap,
        redis_url=redis_url,
        base_url=plan.base_url,
        own_server=plan.database_url is None,
    )
    variables |= urls_of_moved_domains(plan.home / "env", bootstrap)
    write_environment(plan.home / "env", variables)
    # What the file says is said there alone: a variable of a process would hide what changes in the file.
    supervisor.withheld = frozenset(variables)
    supervisor.environment = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "TRELLIS_ENV_FILE": str(plan.home / "env"),
        "PYTHONUNBUFFERED": "1",
    }
    access = str(plan.home / "access.json")
    for title, name, *arguments in (
        ("Preparing the database", "prepare_database"),
        ("Migrating", "migrate_domains"),
        ("Provisioning", "provision"),  # partitions, before rows come
        ("Loading the demo tenants", "seed_demo", "--write-access", access),
        ("Provisioning the tenants", "provision"),  # their schemas
    ):
        say(f"{title} ...")
        supervisor.run(title, name, (sys.executable, "manage.py", name, *arguments))
    return variables


def webs_apart(
    home: Path, port: int, next_port: int, variables: dict[str, str], bootstrap: str
) -> tuple[Program, ...]:
    """A web server per domain, the platform's on ``port`` and the others from ``next_port`` on: `make run APART=1`.

    Each has an environment file of its own beside the common one, which `split_domain` keeps up to date as well.
    """
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    from shared.domains.registry import domains

    declared = sorted(domains(), key=lambda domain: not domain.central)
    ports = [port]
    for _ in declared[1:]:
        ports.append(free_port(max(next_port, ports[-1] + 1)))
    addresses = {d.name: f"http://{LOOPBACK}:{p}" for d, p in zip(declared, ports, strict=True)}
    for name, address in addresses.items():
        say(f"  {name:<10} {address}")
    seed = variables["LOGIN_PASSWORD_SEED"]
    webs = []
    for domain, its_port in zip(declared, ports, strict=True):
        file = home / f"env.{domain.name}"
        database = variables.get(f"{domain.name.upper()}_DATABASE_URL", bootstrap)
        told = apart_environment(
            domain.name,
            database_url=login_url(database, domain.login, seed),
            addresses=addresses,
            secret_seed=variables["SERVICE_SECRET_SEED"],
        )
        common = ("SECRET_KEY", "API_KEY_PEPPER", "REDIS_URL", "DEBUG")
        write_environment(file, {name: variables[name] for name in common} | told)
        webs.append(
            web_program(
                its_port,
                name=f"web-{domain.name}",
                title=f"web server of {domain.name}",
                environment={"TRELLIS_ENV_FILE": str(file)},
            )
        )
    return tuple(webs)


def serve(plan: Plan, supervisor: Supervisor) -> None:
    """Start everything and watch it. Leaves by Stopped or Refusal, with all that it started ended."""
    services = Services(plan.home, postgres=plan.database_url is None, valkey=plan.redis_url is None)
    own_servers = bool(services.parts)
    try:
        if plan.redis_url:
            check_broker(plan.redis_url)
        urls = None
        if own_servers:
            say("Starting the servers ...")
            urls = services.start()
        bootstrap = plan.database_url or (bootstrap_url(urls.bootstrap_database_url) if urls else "")
        variables = prepare(plan, supervisor, bootstrap, plan.redis_url or (urls.redis_url if urls else ""))
        claim_port(plan.port)  # again: preparing took a while
        streams_port = free_port(plan.port + 1)
        say("Starting web server, live streams, worker, scheduler and delivery of events ...")
        webs = webs_apart(plan.home, plan.port, streams_port + 1, variables, bootstrap) if plan.apart else ()
        for program in programs(plan.home, plan.port, streams_port, webs=webs):
            supervisor.start(program)
        wait_until_ready(supervisor, plan.port)
        supervisor.wait_for_all()
        access = complete_access(plan.home / "access.json", variables, f"http://{LOOPBACK}:{streams_port}")
        say(welcome(access, plan.home))
        while True:
            supervisor.look()
            if own_servers and not services.running():
                reason = last_lines(supervisor.logs / "keeper.log") or "someone stopped them"
                raise Refusal(f"The embedded servers are gone ({reason}), so everything was stopped.")
            supervisor.wait(0.5)
    finally:
        supervisor.stop()
        services.stop()


def main() -> int:
    """Run the platform of this checkout until it is stopped."""
    parser = argparse.ArgumentParser(prog="python -m shared.devserver.run", description=main.__doc__)
    parser.add_argument(
        "--until-parent-ends", action="store_true", help="stop when the process that started us ends"
    )
    parser.add_argument("--home", type=Path, default=ROOT / ".dev", help="where data, logs and keys lie")
    options = parser.parse_args()
    home = options.home.resolve()
    supervisor = Supervisor(ROOT, home / "logs")
    supervisor.listen()
    if options.until_parent_ends:
        end_with_parent(signal.SIGTERM)
    only = FileLock(home / "run.lock")
    try:
        plan = Plan.from_environment(home)
        supervisor.logs.mkdir(parents=True, exist_ok=True)
        if not only.acquire(wait=False):
            running = read_access(home / "access.json").get("base_url", "another port")
            raise Refusal(
                f"Trellis already runs from this checkout ({running}): stop it there with Ctrl-C first."
            )
        claim_port(plan.port)
        serve(plan, supervisor)
    except Stopped:
        say("Stopped.")
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Trellis cannot run here ({error}): check the folder {home}.", file=sys.stderr)
        return 1
    finally:
        only.release()
    return 0


if __name__ == "__main__":
    sys.exit(main())
