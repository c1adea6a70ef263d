"""Compares what is declared (registry, models, migrations) with what the server's catalog holds."""

from shared.domains.check.compare import Report, check_domains

__all__ = ["Report", "check_domains"]
