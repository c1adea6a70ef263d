"""What it costs to ask by a custom field instead of by a column."""

from __future__ import annotations

import json

from bench.harness import CaseResult, Target
from bench.scene import Scene
from bench.servers import ServerFailed, run_command

_FIELD, _COLUMN = "by a custom field", "by a column"
_INDEXES = ("support_terms_newest ", "support_terms_record ")
_BOUND = 5


def measure(scene: Scene) -> CaseResult:
    """Median time of pages of 25 tickets, both ways; the plan by the custom field must use its index."""
    turns = 20 if scene.quick else 100
    result = CaseResult(
        "custom_fields",
        "Lists by custom fields",
        "Pages of 25 tickets, filtered or sorted by a custom field and by a column with the same values, read as the API "
        "reads them, within a unit, under row-level security. The time by a custom field has the look-up of the tenant's "
        "definitions in it, and two steps where it is sorted. Both must find the same tickets, and the plan must use an "
        "index of `custom_field_terms` and read no table from end to end, or nothing is measured.",
        {"tickets": scene.ticket_rows, "of the tenant": scene.tenant_rows, "calls per round": turns},
    )
    trellis = scene.trellis
    names: list[str] = []
    for number in range(scene.rounds):
        done = run_command(
            ["-m", "bench.custom_field_probe", str(trellis.organization), str(turns)], trellis.environment
        )
        found = json.loads(done.stdout)
        names = list(found)
        for name, taken in found.items():
            if not taken["same"]:
                raise ServerFailed(f"{name}: the custom field found other tickets than the column")
            if "Seq Scan" in taken["plan"] or not any(index in taken["plan"] for index in _INDEXES):
                raise ServerFailed(f"{name}: the index is not used: {taken['plan']}")
            for way, key in ((_FIELD, "field_ms"), (_COLUMN, "column_ms")):
                result.rounds.setdefault(f"{name}: {way}", []).append({"median_ms": taken[key]})
        scene.say(
            f"  round {number + 1}: "
            + ", ".join(f"{name} {t['field_ms']:.1f} / {t['column_ms']:.1f} ms" for name, t in found.items())
        )
    for name in names:
        ratio = result.ratio(f"{name}: {_FIELD}", f"{name}: {_COLUMN}", "median_ms")
        said = f"By a custom field, {name}: at most {_BOUND} x a column"
        result.targets.append(Target(said, ratio, _BOUND, "at most", " x"))
    return result
