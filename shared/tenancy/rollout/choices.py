"""Choices of rollouts."""

from django.db import models


class WaveState(models.TextChoices):
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    FAILED = "failed", "Stopped by a failure"
    DONE = "done", "Done"
    ABANDONED = "abandoned", "Abandoned"


UNFINISHED = (WaveState.RUNNING, WaveState.PAUSED, WaveState.FAILED)


class StepState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
