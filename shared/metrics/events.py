"""Events: how many, how late, how many failed."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

RELAYED = Counter(
    "trellis_events_relayed_total", "Events taken from the outbox by this process's relay.", ["database"]
)
SENT = Counter("trellis_events_sent_total", "Deliveries sent to another database.", ["subscriber"])
HANDLED = Counter(
    "trellis_events_handled_total", "Events handled, with their effect.", ["subscriber", "event"]
)
FAILED = Counter(
    "trellis_events_failed_total", "Attempts that failed: tried again (retry), or set aside (dead).",
    ["subscriber", "event", "outcome"],
)  # fmt: skip
LATENCY = Histogram(
    "trellis_events_latency_seconds", "From publishing to the commit of the effect.", ["subscriber"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600),
)  # fmt: skip
