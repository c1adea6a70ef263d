"""Pages of the kit's own tables."""

from shared.backoffice.admin import user_profile

__all__ = ["user_profile"]
