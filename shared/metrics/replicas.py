"""Reads that may go to a replica."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

READS = Counter(
    "trellis_replica_reads",
    "Reading units that a replica was configured for: answered by it, or by the primary instead.",
    ["database", "outcome"],
)
LAG = Gauge(
    "trellis_replica_lag_seconds",
    "How old what a replica shows may be at most, at the last check; of several processes the worst.",
    ["database"],
    multiprocess_mode="livemax",
)
