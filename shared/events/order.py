"""The order in which everybody locks the tables of events: publishing, the relay, and a domain that moves."""

LOCK_ORDER = ("aggregate_versions", "outbox_events", "outbox_queue", "outbox_deliveries", "inbox_events")
