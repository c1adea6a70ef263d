"""`manage.py import_customers` on CDNOW's customers and purchases."""

from __future__ import annotations

import os
import random
import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from psycopg import sql

from bench.harness import CaseResult, Metrics, Target, Variant, take_turns
from bench.scene import Scene
from bench.servers import ROOT, ServerFailed, children_cpu_seconds, run_command

CUSTOMERS, PURCHASES = 23_570, 69_659
CDNOW_HEADER = ("customer_id", "date", "number_of_cds", "dollar_value")
FILE = ROOT.parent / "shared" / "data" / "cdnow" / "CDNOW_master.txt"
_NAME, _AGAIN = "first import", "the same file again"
_LOADED = re.compile(r"Rows read\s+([\d,]+)\s+in ([\d.]+) s")


def measure(scene: Scene) -> CaseResult:
    """Purchases per second, each round into a tenant that has no customers yet."""
    result = CaseResult(
        "import_customers",
        "Import of customers and purchases",
        "`manage.py import_customers CDNOW_master.txt` with its defaults, into a tenant without customers: wall "
        "clock of the whole command, with the start of Python and Django, customers deduplicated and profiles "
        "(recency, frequency, value) computed. The second line is the same command a second time, which changes "
        "nothing. Afterwards customers and purchases are counted. Processor seconds (of the database with its "
        "background work) tell what a busy machine hides: the command and the database work side by side.",
        {"customers": CUSTOMERS, "purchases": PURCHASES},
    )
    with tempfile.TemporaryDirectory() as folder:
        file = _input(Path(folder))
        if file.parent == Path(folder):
            result.notes.append(
                "CDNOW's file is not on this machine: a made one of the same size was loaded."
            )
        tenants = iter(scene.shares)
        rounds = min(scene.rounds, len(scene.shares), 2 if scene.quick else 5)
        turn = _Turn(scene, file, Path(folder) / "errors.jsonl", lambda: next(tenants).organization.hex)
        result.rounds = take_turns(
            [Variant(_NAME, turn.first), Variant(_AGAIN, turn.again)], rounds, say=scene.say, rotate=False
        )
    loading = PURCHASES / result.median(_NAME, "seconds_loading")
    whole = result.median(_NAME, "purchases_per_second")
    result.targets = [
        Target(
            "The import loads at least 8,000 purchases/s (its loading alone)", loading, 8000, "at least", "/s"
        ),
        Target("The same, with the command's start and all profiles", whole, 8000, "at least", "/s"),
    ]
    return result


@dataclass(slots=True)
class _Turn:
    """A first import into the next tenant, then the second into the same."""

    scene: Scene
    file: Path
    errors: Path
    next_tenant: Callable[[], str]
    tenant: str = field(default="")

    def first(self) -> Metrics:
        self.tenant = self.next_tenant()
        return self._import(expected=(CUSTOMERS, PURCHASES))

    def again(self) -> Metrics:
        return self._import(expected=(CUSTOMERS, PURCHASES))

    def _import(self, expected: tuple[int, int]) -> Metrics:
        installation = self.scene.imports
        arguments = ["manage.py", "import_customers", str(self.file), "--errors", str(self.errors)]
        database_cpu, command_cpu, begin = (
            self.scene.servers.cpu_seconds(),
            children_cpu_seconds(),
            time.perf_counter(),
        )
        done = run_command([*arguments, "--tenant", f"bench-{self.tenant[:8]}"], installation.environment)
        seconds = time.perf_counter() - begin
        command_cpu = children_cpu_seconds() - command_cpu
        database_cpu = self.scene.servers.cpu_seconds() - database_cpu
        if (counted := self._count()) != expected:
            raise ServerFailed(
                f"{counted} customers and purchases after the import, not {expected}: {done.stdout}"
            )
        loading = _LOADED.search(done.stdout)
        return {
            "purchases_per_second": PURCHASES / seconds,
            "seconds": seconds,
            "seconds_loading": float(loading[2]) if loading else float("nan"),
            "command_cpu_seconds": command_cpu,
            "database_cpu_seconds": database_cpu,
        }

    def _count(self) -> tuple[int, int]:
        with self.scene.servers.connect(self.scene.imports.database) as connection:
            counts = [
                connection.execute(
                    sql.SQL("SELECT count(*) FROM {} WHERE organization_id = %s").format(
                        sql.Identifier("platform", table)
                    ),
                    [self.tenant],
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
