"""How an app asks the platform: ``platform_client().get_customer(…)``."""

from shared.platform_client.cache import forget_customer
from shared.platform_client.connect import platform_client
from shared.platform_client.protocol import (
    ContactDecision,
    CustomerIntelligence,
    CustomerNotFound,
    CustomerSummary,
    MessageDraft,
    PlatformClient,
    PlatformUnavailable,
)

__all__ = [
    "ContactDecision",
    "CustomerIntelligence",
    "CustomerNotFound",
    "CustomerSummary",
    "MessageDraft",
    "PlatformClient",
    "PlatformUnavailable",
    "forget_customer",
    "platform_client",
]
