"""What it takes to migrate, to split a domain off, and to open a ticket when it is split off."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.cases.platform_client import ticket_opener
from bench.harness import CaseResult, Target, time_each
from bench.installation import Installation, install
from bench.load import quantile
from bench.scene import Scene
from bench.servers import run_command, wsgi_server
from shared.domains.logins import login_url
from shared.domains.service_secrets import service_secret

WHOLE, NOTHING = "a full migration of an empty platform", "migrate_domain with nothing to do"
THERE, BACK = "split_domain support, to a database of its own", "split_domain support, back"
TICKET_SHARED, TICKET_SPLIT = "a ticket, one database and process", "a ticket, a database and process each"
_SECRETS = "benchmark-services"
_PAUSE = re.compile(r"Writers waited for ([\d.]+) s")


def measure(scene: Scene) -> CaseResult:
    """Commands by the wall clock, whole; tickets in turn, one after another."""
    moved = scene.trellis
    result = CaseResult(
        "topologies",
        "Migrating and splitting",
        "Wall clock of whole commands, with the start of Python and Django. `split_domain support` moves every ticket "
        "to another database on the same server, compares both sides row by row, and switches; `pause` is how long "
        "writers would have waited. Then one client opens tickets for a customer named by e-mail, in turn at one "
        "process with one database, and at a support process with a database of its own, which asks the platform's "
        "process over HTTP; nothing is cached.",
        {"tickets moved": scene.ticket_rows},
    )
    for _ in range(scene.rounds):
        _migrate(scene, result)
    _move(scene, moved, result)
    _tickets(scene, result)
    result.targets = [
        Target("A full migration takes under 20 s", result.median(WHOLE, "seconds"), 20, "at most", " s"),
        Target("Nothing to do takes under 2 s", result.median(NOTHING, "seconds"), 2, "at most", " s"),
        Target(
            "1,000,000 tickets move in under 5 minutes",
            result.median(THERE, "seconds") * 1_000_000 / scene.ticket_rows, 300, "at most", " s",
        ),
        Target("Writers wait under 1 s", result.median(THERE, "pause_seconds"), 1, "at most", " s"),
        Target(
            "Opening a ticket costs at most 1.6 x where support is split off (median)",
            result.ratio(TICKET_SPLIT, TICKET_SHARED, "p50_ms"), 1.6, "at most", " x",
        ),
    ]  # fmt: skip
    return result


def _timed(arguments: list[str], environment: Mapping[str, str]) -> tuple[float, str]:
    began = time.perf_counter()
    done = run_command(["manage.py", *arguments], environment)
    return time.perf_counter() - began, done.stdout


def _migrate(scene: Scene, result: CaseResult) -> None:
    from bench.installation import environment_of

    name = "bench_empty"
    scene.servers.create_database(name)
    try:
        environment = environment_of(scene.servers, name)
        run_command(["manage.py", "prepare_database"], environment)
        whole, _ = _timed(["migrate_domains"], environment)
        nothing, _ = _timed(["migrate_domain", "support"], environment)
    finally:
        scene.servers.drop_database(name)
    result.rounds.setdefault(WHOLE, []).append({"seconds": whole})
    result.rounds.setdefault(NOTHING, []).append({"seconds": nothing})
    scene.say(f"  migrations: {whole:.1f} s, nothing to do {nothing:.1f} s")


def _move(scene: Scene, moved: Installation, result: CaseResult) -> None:
    """There and back, so that the dataset is where it was."""
    name = "bench_desk"
    scene.servers.drop_database(name)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "env"
        file.write_text("")
        environment = {**moved.environment, "TRELLIS_ENV_FILE": str(file)}
        try:
            for label, to in ((THERE, scene.servers.url(name)), (BACK, moved.superuser_url)):
                seconds, said = _timed(["split_domain", "support", "--to", to], environment)
                pause = _PAUSE.search(said)
                result.rounds.setdefault(label, []).append(
                    {"seconds": seconds, "pause_seconds": float(pause[1]) if pause else float("nan")}
                )
                scene.say(f"  {label}: {seconds:.0f} s, pause {pause[1] if pause else '?'} s")
        finally:
            scene.servers.drop_database(name)


def _tickets(scene: Scene, result: CaseResult) -> None:
    home, desk = "bench_split_home", "bench_split_desk"
    scene.servers.create_database(home)
    scene.servers.drop_database(desk)
    try:
        made = install(scene.servers, home, scene.shares[:1], 0, fresh=True, say=scene.say)
        run_command(
            ["manage.py", "split_domain", "support", "--to", scene.servers.url(desk)], made.environment
        )
        seed = made.environment["LOGIN_PASSWORD_SEED"]
        common = {
            name: value for name, value in made.environment.items() if not name.endswith("DATABASE_URL")
        }
        platform = {
            **common,
            "SERVE": "platform",
            "PLATFORM_DATABASE_URL": login_url(scene.servers.url(home), "trellis_platform_app", seed),
            "SERVICE_SECRET_SEED": _SECRETS,
        }
        support = {
            **common,
            "SERVE": "support",
            "SUPPORT_DATABASE_URL": login_url(scene.servers.url(desk), "trellis_support_app", seed),
            "SUPPORT_SERVICE_SECRET": service_secret(_SECRETS, "support"),
            "PLATFORM_CACHE_SECONDS": "0",
        }
        application = "config.wsgi:application"
        with (
            wsgi_server(application, scene.imports.environment) as together,
            wsgi_server(application, platform) as central,
            wsgi_server(application, {**support, "PLATFORM_API_URL": central.url}) as apart,
        ):
            openers = {
                TICKET_SHARED: ticket_opener(together.url, scene.imports.headers),
                TICKET_SPLIT: ticket_opener(apart.url, made.headers),
            }
            for _ in range(scene.rounds):
                for open_ticket in openers.values():
                    for _ in range(10):
                        open_ticket()
                for label, times in time_each(openers, turns=100 if scene.quick else 500).items():
                    ordered = sorted(times)
                    result.rounds.setdefault(label, []).append(
                        {"p50_ms": quantile(ordered, 0.5) * 1000, "p95_ms": quantile(ordered, 0.95) * 1000}
                    )
    finally:
        for name in (home, desk):
            scene.servers.drop_database(name)
