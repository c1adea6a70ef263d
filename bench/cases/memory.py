"""What versions and activity log cost those who write, and what the past costs those who read it."""

from __future__ import annotations

import json

import psycopg

from bench.harness import CaseResult, Target
from bench.scene import Scene
from bench.servers import HOME, run_command

STOCK_SETTINGS = "bench.baselines.stock_history.settings"
VERSIONS = 10
"""Of each ticket, when the past is read."""


def measure(scene: Scene) -> CaseResult:
    """Writes first; then every ticket gets a past, and it is read."""
    bulk, turns, seconds = (1000, 50, 1) if scene.quick else (20_000, 300, 4)
    result = CaseResult(
        "memory",
        "Versions, activity log, and the past",
        "In one process, by the ORM, under row-level security, as a tenant of 200,000 tickets. `save()` of one field in a "
        "unit of its own, `queryset.update()` and `bulk_update()`: with the triggers that write versions and log, and with "
        "these taken off, on other rows of the same table, in turn. Then each ticket gets ten versions, and one ticket and "
        "the newest 50 are read now and as of a moment. Seals are made once a second by the writing process itself.",
        {"tickets": scene.ticket_rows, "of the tenant": scene.tenant_rows, "rows of a bulk write": bulk},
    )
    trellis = scene.fresh("memory")
    environment = {
        **trellis.environment,
        "DATABASE_URL": trellis.environment["WORKER_DATABASE_URL"],
        "TRELLIS_PROCESS": "worker",
        "BENCH_SUPERUSER_URL": trellis.superuser_url,
        "ACTIVITY_HEADS_DIR": str(HOME / "heads"),
    }

    def probe(what: str, size: int) -> dict[str, float]:
        arguments = ["-m", "bench.memory_probe", what, str(trellis.organization), str(size)]
        found: dict[str, float] = json.loads(run_command(arguments, environment, timeout=1800).stdout)
        scene.say(f"  {what}: " + ", ".join(f"{name} {value * 1000:,.2f}" for name, value in found.items()))
        return found

    stock = {**scene.stock, "DJANGO_SETTINGS_MODULE": STOCK_SETTINGS}
    run_command(["-m", "django", "migrate", "--run-syncdb", "-v0"], stock)

    def stock_probe(number: int) -> dict[str, float]:
        count = bulk // 4
        arguments = ["-m", "bench.stock_history_probe", str(count), str(2 * count * number)]
        return dict(json.loads(run_command(arguments, stock, timeout=1800).stdout))

    rounds = min(scene.rounds, 3)
    for number in range(rounds):
        for name, taken in {**probe("writes", bulk), **stock_probe(number)}.items():
            result.rounds.setdefault(name, []).append({"ms": taken * 1000})
    for _ in range(rounds):
        for name, rate in probe("sealing", seconds).items():
            result.rounds.setdefault(f"saves, {name}", []).append({"per_second": rate})
    scene.say(f"  giving each ticket {VERSIONS} versions")
    _give_a_past(trellis.superuser_url)
    for _ in range(rounds):
        for name, taken in probe("reads", turns).items():
            result.rounds.setdefault(name, []).append({"ms": taken * 1000})
    _judge(result, bulk)
    return result


def _judge(result: CaseResult, bulk: int) -> None:
    more = "update, four times the rows"
    growth = result.ratio(more, "update", "ms") / result.ratio(f"bare {more}", "bare update", "ms")
    sealing = 100 * (1 - result.ratio("saves, sealed", "saves, not sealed", "per_second"))
    few = f"{bulk // 4:,} rows"
    for text, measured, bound, unit in (
        ("save() with version and log: at most 1.5 x the bare one", _ratio(result, "save"), 1.5, "x"),
        (f"update() of {bulk:,} rows: at most 6 x the bare one", _ratio(result, "update"), 6, "x"),
        ("update() of four times the rows: grows at most 1.25 x as the bare one does", growth, 1.25, "x"),
        ("A seal a second costs at most 15 % of the saves", sealing, 15, " %"),
        ("One record as of a moment: at most 2 x the current read", _past(result, "one"), 2, "x"),
        ("A page of 50 as of a moment: at most 4 x the current one", _past(result, "page"), 4, "x"),
    ):
        result.targets.append(Target(text, measured, bound, "at most", unit))
    stock = "bulk_update_with_history"
    for text, name in (
        (
            f"bulk_update() of {few}, each with a value of its own: at least 3 x as fast as {stock}()",
            "bulk_update",
        ),
        (f"One change of {few} by update(): at least 3 x as fast as {stock}()", "update of as many"),
    ):
        result.targets.append(Target(text, result.ratio(stock, name, "ms"), 3, "at least", "x"))
    result.notes += [
        f"{stock}() of {few} by the stock project, which keeps no activity log, takes "
        f"{result.ratio(stock, 'stock bulk_update', 'ms'):.2f} x as long as its own bulk_update() without history.",
        f"bulk_update() of {few} costs {_ratio(result, 'bulk_update'):.2f} x the bare one.",
        f"Per row, four times the rows cost {result.ratio(more, 'update', 'ms') / 4:.2f} x with version and log, and "
        f"{result.ratio(f'bare {more}', 'bare update', 'ms') / 4:.2f} x without.",
    ]


def _ratio(result: CaseResult, name: str) -> float:
    return result.ratio(name, f"bare {name}", "ms")


def _past(result: CaseResult, name: str) -> float:
    return result.ratio(f"{name} as of", f"{name} now", "ms")


def _give_a_past(superuser_url: str) -> None:
    """Every open version becomes the tenth; nine before it, a day apart. Indexes are made anew afterwards."""
    with psycopg.connect(superuser_url, autocommit=True) as superuser:
        versions = "support_app.tickets_history"
        superuser.execute(f"ALTER TABLE {versions} DISABLE TRIGGER ALL")
        superuser.execute("ALTER TABLE support_app.tickets DISABLE TRIGGER ALL")
        columns = [
            name
            for (name,) in superuser.execute(
                "SELECT attname::text FROM pg_attribute "
                "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
                [versions],
            ).fetchall()
            if name not in ("history_id", "version", "valid_from", "valid_to")
        ]
        listed = ", ".join(f'"{name}"' for name in columns)
        superuser.execute(f"DELETE FROM {versions} WHERE valid_to IS NOT NULL")
        superuser.execute(f"UPDATE {versions} SET version = {VERSIONS}")
        superuser.execute(f"UPDATE support_app.tickets SET version = {VERSIONS}")
        superuser.execute(
            f"INSERT INTO {versions} ({listed}, version, valid_from, valid_to) "
            f"SELECT {listed}, n, valid_from - ({VERSIONS} - n) * interval '1 day', "
            f"valid_from - ({VERSIONS - 1} - n) * interval '1 day' "
            f"FROM {versions}, generate_series(1, {VERSIONS - 1}) n WHERE valid_to IS NULL"
        )
        superuser.execute(f"ALTER TABLE {versions} ENABLE ALWAYS TRIGGER refuse_rewriting")
        for name in (
            "touch_record",
            "remember_insert",
            "remember_update",
            "remember_delete",
            "refuse_truncate",
            "tell_insert",
            "tell_update",
            "tell_delete",
        ):
            superuser.execute(f"ALTER TABLE support_app.tickets ENABLE ALWAYS TRIGGER {name}")
        superuser.execute(f"VACUUM (ANALYZE) {versions}, support_app.tickets")
