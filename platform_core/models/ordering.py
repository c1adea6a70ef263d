"""How lists are ordered, paged and indexed."""

from __future__ import annotations

from django.db import models

NEWEST = (models.F("created_at").desc(), models.F("id").desc())
"""Newest first; every list index ends so."""

LATEST = (models.F("occurred_at").desc(), models.F("id").desc())
"""What happened last first: for interactions, which may be recorded long after."""
