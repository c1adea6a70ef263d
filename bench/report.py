"""docs/benchmarks.json and the page that is made of it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from bench.servers import ROOT

JSON_FILE = ROOT / "docs" / "benchmarks.json"
PAGE_FILE = ROOT / "docs" / "benchmarks.md"

_LABELS = {
    "requests_per_second": "requests/s",
    "p50_ms": "p50 ms",
    "p95_ms": "p95 ms",
    "p99_ms": "p99 ms",
    "server_cpu_ms": "server CPU ms/request",
    "database_cpu_ms": "database CPU ms/request",
    "body_bytes": "body bytes",
    "median_ms": "median ms",
    "purchases_per_second": "purchases/s",
    "seconds": "seconds",
    "command_cpu_seconds": "command CPU s",
    "database_cpu_seconds": "database CPU s",
}


def write(
    run: dict[str, Any], *, only: bool, json_file: Path = JSON_FILE, page_file: Path = PAGE_FILE
) -> None:
    """Write both files. A run of some cases replaces these and keeps what the file says of the others."""
    if only and json_file.exists():
        before = json.loads(json_file.read_text())
        fresh = {case["name"]: case for case in run["cases"]}
        kept = [fresh.pop(case["name"], case) for case in before["cases"]]
        run = {**run, "cases": [*kept, *fresh.values()]}
    json_file.parent.mkdir(exist_ok=True)
    json_file.write_text(json.dumps(run, indent=1) + "\n")
    page_file.write_text(page(run))


def page(run: dict[str, Any]) -> str:
    """The page, in Markdown."""
    machine, versions = run["machine"], run["versions"]
    http = run["http"]
    lines = [
        "# Benchmarks",
        "",
        "Made by `make bench`; do not edit. Every round's figures are in [benchmarks.json](benchmarks.json).",
        "",
        f"- Machine: {machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"{machine['system']}. Client, WSGI server and PostgreSQL share it.",
        "- Versions: " + ", ".join(f"{name} {number}" for name, number in versions.items()) + ".",
        "- Variants are measured in turn (A B C, B C A, …). Tables show the median of the rounds; a ratio is "
        "the median of each round's own ratio, so that load from outside falls on all variants alike.",
        f"- HTTP: gunicorn, gthread, {http['workers']} processes of {http['threads']} threads; "
        f"{http['clients']} keep-alive clients in a process of their own, {http['seconds']:g} s per turn. "
        "An answer that is not 2xx fails the run.",
        *_warning(run),
        "",
        "## Targets",
        "",
        "| target | measured | met |",
        "|---|---:|---|",
    ]
    for case in run["cases"]:
        for target in case["targets"]:
            figure = _figure(target["measured"]) + target["unit"]
            lines.append(f"| {target['text']} | {figure} | {'yes' if target['met'] else '**no**'} |")
    for case in run["cases"]:
        lines += ["", f"## {case['title']}", "", case["how"], ""]
        lines += _facts(case)
        lines += _table(case["medians"])
        lines += [f"\n{note}" for note in case["notes"]]
    return "\n".join(lines) + "\n"


def _warning(run: dict[str, Any]) -> list[str]:
    """Tells when the figures were taken on a machine that had other work to do."""
    busy = [case["name"] for case in run["cases"] if case.get("load_before", 0) > run["machine"]["cores"]]
    if not busy:
        return []
    names = ", ".join(busy)
    return [
        f"- **The machine had other work** while these were measured, so absolute figures are low: {names}."
    ]


def _facts(case: dict[str, Any]) -> list[str]:
    sizes = ", ".join(f"{label} {size:,}" for label, size in case["sizes"].items())
    rounds = f"{case['round_count']} round{'s' if case['round_count'] != 1 else ''}"
    return [
        f"{sizes + '; ' if sizes else ''}{rounds}; measured {case['measured_on']}, load average "
        f"before it {case.get('load_before', 0):g}.",
        "",
    ]


def _table(medians: dict[str, dict[str, float]]) -> list[str]:
    if not medians:
        return []
    metrics = list(dict.fromkeys(name for figures in medians.values() for name in figures))
    head = "| variant | " + " | ".join(_LABELS.get(name, name.replace("_", " ")) for name in metrics) + " |"
    lines = [head, "|---" + "|---:" * len(metrics) + "|"]
    for variant, figures in medians.items():
        cells = [_figure(figures[name]) if name in figures else "" for name in metrics]
        lines.append(f"| {variant} | " + " | ".join(cells) + " |")
    return lines


def _figure(value: float) -> str:
    if math.isnan(value):
        return "–"
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3f}" if abs(value) < 1 else f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}"
