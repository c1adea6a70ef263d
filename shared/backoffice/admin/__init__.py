"""Pages of the kit's own tables."""

from shared.backoffice.admin import api_key, tenant, user_profile

__all__ = ["api_key", "tenant", "user_profile"]
