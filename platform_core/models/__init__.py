"""Tables of the platform, a module per noun."""

from platform_core.models.user import Membership, Session, User

__all__ = ["Membership", "Session", "User"]
