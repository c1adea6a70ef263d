"""The activity log: what changed, from what to what, by whom and from where; in the same transaction, for good."""
