"""Connections to PostgreSQL: how many there are and may be, who waited for one, who got none."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

OPEN = Gauge(
    "trellis_database_connections",
    "Connections to PostgreSQL that are open, by database alias.",
    ["database"],
    multiprocess_mode="livesum",
)
IN_USE = Gauge(
    "trellis_database_pool_in_use",
    "Connections of the pool that a unit of work holds now, by database alias.",
    ["database"],
    multiprocess_mode="livesum",
)
LIMIT = Gauge(
    "trellis_database_pool_limit",
    "Connections that the pools of all processes may open together, by database alias; absent without a pool.",
    ["database"],
    multiprocess_mode="livesum",
)
WAITED = Histogram(
    "trellis_database_pool_wait_seconds",
    "How long those waited who found every connection of the pool taken, by database alias.",
    ["database"],
    buckets=(0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
)
REFUSED = Counter(
    "trellis_database_connections_refused",
    "Units that got no connection: the process's pool was exhausted, or the server has too many clients.",
    ["database", "by"],
)
