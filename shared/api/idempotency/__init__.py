"""Idempotency keys: a POST that is repeated has its effect once and gets the same answer."""
