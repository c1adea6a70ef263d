"""Pages of marketing in the back office, one module per noun."""

from marketing.admin import campaign, custom_field, segment

__all__ = ["campaign", "custom_field", "segment"]
