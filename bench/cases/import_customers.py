"""`manage.py import_customers` on CDNOW's customers and purchases."""

from __future__ import annotations

import contextlib
import os
import random
import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from bench.dataset import Share
from bench.harness import CaseResult, Metrics, Target, Variant, take_turns
from bench.installation import Installation, slug_of
from bench.scene import Scene
from bench.servers import ROOT, ServerFailed, children_cpu_seconds, run_command

CUSTOMERS, PURCHASES = 23_570, 69_659
CDNOW_HEADER = ("customer_id", "date", "number_of_cds", "dollar_value")
FILE = ROOT.parent / "shared" / "data" / "cdnow" / "CDNOW_master.txt"
_EMPTY, _NEXT, _AGAIN = "into an empty database", "into a tenant without customers", "the same file again"
_LOADED = re.compile(r"Rows read\s+([\d,]+)\s+in ([\d.]+) s")


def measure(scene: Scene) -> CaseResult:
    """Purchases per second; each round in a database of its own, which nobody has used yet."""
    result = CaseResult(
        "import_customers",
        "Import of customers and purchases",
        "`manage.py import_customers CDNOW_master.txt` with its defaults: wall clock of the whole command, with the "
        "start of Python and Django, customers deduplicated and profiles (recency, frequency, value) computed. Each "
        "round has a new database, migrated and with tenants but without a customer, of which PostgreSQL has no "
        "statistics: the first line is the first import there, the second that of the next tenant, the third the same "
        "command a second time, which changes nothing. Afterwards customers and purchases are counted. Processor "
        "seconds (of the database with its background work) tell what a busy machine hides: the command and the "
        "database work side by side.",
        {"customers": CUSTOMERS, "purchases": PURCHASES},
    )
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as round_end:
        file = _input(Path(folder))
        if file.parent == Path(folder):
            result.notes.append(
                "CDNOW's file is not on this machine: a made one of the same size was loaded."
            )
        turn = _Turn(scene, file, Path(folder) / "errors.jsonl", round_end)
        result.rounds = take_turns(
            [Variant(_EMPTY, turn.empty), Variant(_NEXT, turn.next), Variant(_AGAIN, turn.next)],
            min(scene.rounds, 2 if scene.quick else 5),
            say=scene.say,
            rotate=False,
        )
    for place in (_EMPTY, _NEXT):
        result.targets += [
            Target(
                f"The import loads at least 8,000 purchases/s {place} (its loading alone)",
                PURCHASES / result.median(place, "seconds_loading"),
                8000,
                "at least",
                "/s",
            ),
            Target(
                f"The same, with the command's start and all profiles, {place}",
                result.median(place, "purchases_per_second"),
                8000,
                "at least",
                "/s",
            ),
        ]
    return result


@dataclass(slots=True)
class _Turn:
    """A round: a new database, the import into its first tenant, then into its second one twice."""

    scene: Scene
    file: Path
    errors: Path
    round_end: contextlib.ExitStack
    installation: Installation | None = None

    def empty(self) -> Metrics:
        self.round_end.close()
        self.installation = self.round_end.enter_context(self.scene.untouched())
        return self._import(self.installation, self.scene.shares[0])

    def next(self) -> Metrics:
        assert self.installation is not None
        return self._import(self.installation, self.scene.shares[1])

    def _import(self, installation: Installation, share: Share) -> Metrics:
        arguments = ["manage.py", "import_customers", str(self.file), "--errors", str(self.errors)]
        arguments += ["--tenant", slug_of(share)]
        database_cpu, command_cpu, begin = (
            self.scene.servers.cpu_seconds(),
            children_cpu_seconds(),
            time.perf_counter(),
        )
        done = run_command(arguments, installation.environment)
        seconds = time.perf_counter() - begin
        command_cpu = children_cpu_seconds() - command_cpu
        database_cpu = self.scene.servers.cpu_seconds() - database_cpu
        if (counted := self._count(installation, share)) != (CUSTOMERS, PURCHASES):
            raise ServerFailed(
                f"{counted} customers and purchases after the import, not {CUSTOMERS, PURCHASES}: {done.stdout}"
            )
        loading = _LOADED.search(done.stdout)
        return {
            "purchases_per_second": PURCHASES / seconds,
            "seconds": seconds,
            "seconds_loading": float(loading[2]) if loading else float("nan"),
            "command_cpu_seconds": command_cpu,
            "database_cpu_seconds": database_cpu,
        }

    def _count(self, installation: Installation, share: Share) -> tuple[int, int]:
        with self.scene.servers.connect(installation.database) as connection:
            counts = [
                connection.execute(
                    sql.SQL("SELECT count(*) FROM {} WHERE organization_id = %s").format(
                        sql.Identifier("platform", table)
                    ),
                    [share.organization],
                ).fetchone()
                for table in ("customers", "customer_interactions")
            ]
        customers, purchases = (int(str(count[0])) if count else 0 for count in counts)
        return customers, purchases


def _input(folder: Path) -> Path:
    """CDNOW's file, or one of the same shape and size."""
    file = Path(os.environ.get("BENCH_CDNOW", FILE))
    if file.is_file():
        return file
    draw = random.Random(1997)
    owners = sorted(
        [*range(1, CUSTOMERS + 1), *draw.choices(range(1, CUSTOMERS + 1), k=PURCHASES - CUSTOMERS)]
    )
    made = folder / "CDNOW_master.txt"
    with made.open("w") as lines:
        lines.write(f" {'  '.join(CDNOW_HEADER)}\n")
        for number, owner in enumerate(owners):
            day = 19970101 + number % 28
            lines.write(f" {owner:05d} {day} {draw.randint(1, 6):2d} {draw.uniform(5, 90):7.2f}\n")
    return made
