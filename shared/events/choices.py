"""The states of events."""

from django.db import models


class InboxState(models.TextChoices):
    """``ready``: as soon as it is its turn. ``waiting``: for the one before it. ``retry``: failed, tried again when due.
    ``dead``: failed too often, or for good; until somebody releases or skips it, its stream waits."""

    READY = "ready", "Ready"
    WAITING = "waiting", "Waiting"
    RETRY = "retry", "Retry"
    DEAD = "dead", "Dead letter"
