"""``?as_of=``: what was known at a moment. Every read takes it; nothing can be written there."""

from __future__ import annotations

import datetime as dt

from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import OpenApiParameter

from shared.api.problems import bad_parameter
from shared.records.versions.past import PastMomentError, check_moment

AS_OF = "as_of"
PARAMETER = OpenApiParameter(
    AS_OF,
    dt.datetime,
    description="Answer with what was known at this moment, which has passed, such as 2026-05-01T12:00:00Z.",
)


def parse_moment(raw: str | None, *, parameter: str = AS_OF) -> dt.datetime | None:
    """The moment that a parameter names, None where it is not given; a 400 problem unless it has passed and says its
    time zone."""
    if raw is None:
        return None
    try:
        # A plus that was not encoded arrives as a space.
        found = parse_datetime(raw.replace(" ", "+") if raw.count(":") > 2 and "T" in raw else raw)
    except ValueError:
        found = None
    if found is None:
        raise bad_parameter(parameter, "Send a moment in ISO 8601, such as 2026-05-01T12:00:00Z.")
    try:
        return check_moment(found.astimezone(dt.UTC) if found.tzinfo else found)
    except (PastMomentError, OverflowError) as refusal:
        raise bad_parameter(parameter, str(refusal)) from None
