"""Choices of the CRM domain."""

from django.db import models


class StageType(models.TextChoices):
    """What it means for a deal to be in a stage."""

    OPEN = "open", "Open"
    WON = "won", "Won"
    LOST = "lost", "Lost"


DealStatus = StageType
"""The type of the deal's stage, kept beside it so that lists are filtered without a join."""


class ActivityType(models.TextChoices):
    NOTE = "note", "Note"
    CALL = "call", "Call"
    MEETING = "meeting", "Meeting"
    EMAIL = "email", "E-mail"
    TASK = "task", "Task"
    DEAL_WON = "deal_won", "Deal won"
    DEAL_LOST = "deal_lost", "Deal lost"
    SUPPORT_CHAT = "support_chat", "Support chat"


RECORDED_BY_SYSTEM = frozenset({ActivityType.DEAL_WON, ActivityType.DEAL_LOST, ActivityType.SUPPORT_CHAT})
"""Types that follow from something else that happened; nobody types them in."""


class RequiredField(models.TextChoices):
    """What a stage may ask of a deal before it enters."""

    AMOUNT = "amount", "Amount"
    CUSTOMER = "customer", "Customer"
    COMPANY_NAME = "company_name", "Company name"
    OWNER = "owner", "Owner"
    EXPECTED_CLOSE = "expected_close", "Expected close"
