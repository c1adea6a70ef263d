"""Pages of the platform's records."""

from platform_core.admin import membership, user

__all__ = ["membership", "user"]
