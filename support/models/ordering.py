"""How lists are ordered and paged."""

from django.db import models

NEWEST = (models.F("created_at").desc(), models.F("id").desc())
"""Every list index ends so, and the pages follow it."""

LIVING = models.Q(deleted_at__isnull=True)
"""What lists show; their indexes hold nothing else."""
