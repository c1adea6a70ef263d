"""Choices of the support domain."""

from django.db import models


class TicketStatus(models.TextChoices):
    """The category of a ticket's state; which may follow which is in ``states.py``."""

    NEW = "new", "New"
    OPEN = "open", "Open"
    PENDING_CUSTOMER = "pending_customer", "Pending customer"
    PENDING_THIRD_PARTY = "pending_third_party", "Pending third party"
    ON_HOLD = "on_hold", "On hold"
    RESOLVED = "resolved", "Resolved"
    CLOSED = "closed", "Closed"
    MERGED = "merged", "Merged"
    SPAM = "spam", "Spam"


class TicketPriority(models.TextChoices):
    LOW = "low", "Low"
    NORMAL = "normal", "Normal"
    HIGH = "high", "High"
    URGENT = "urgent", "Urgent"


class Channel(models.TextChoices):
    """How a customer reached us; agents have a capacity for each."""

    EMAIL = "email", "E-mail"
    CHAT = "chat", "Chat"
    PHONE = "phone", "Phone"
    WEB = "web", "Web"
    API = "api", "API"


class Direction(models.TextChoices):
    """Whether a message came from the customer or went to them."""

    INBOUND = "inbound", "From the customer"
    OUTBOUND = "outbound", "To the customer"


class Presence(models.TextChoices):
    """Whether an agent takes work at the moment."""

    ONLINE = "online", "Online"
    AWAY = "away", "Away"
    OFFLINE = "offline", "Offline"
