"""Pages of marketing in the back office, one module per noun."""

from marketing.admin import campaign, segment

__all__ = ["campaign", "segment"]
