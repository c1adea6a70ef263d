"""Rows of marketing for tests; call inside a unit of the domain marketing."""

from __future__ import annotations

from typing import Any

from marketing.models import Campaign, Segment, SegmentVersion
from marketing.services.campaign import create_campaign
from marketing.services.segment import create_segment
from shared.records import uuid7

PREMIUM = {"field": "tier", "op": "eq", "value": "premium"}


def make_segment(**fields: Any) -> Segment:
    values: dict[str, Any] = {"name": f"Premium {uuid7().hex[-8:]}", "rules": {"all": [PREMIUM]}}
    return create_segment(**{**values, **fields})


def make_version() -> SegmentVersion:
    return SegmentVersion.objects.get(segment=make_segment())


def make_campaign(**fields: Any) -> Campaign:
    values: dict[str, Any] = {
        "name": f"Spring {uuid7().hex[-8:]}",
        "subject": "Spring is here",
        "content": "Hello!",
    }
    if "segment_id" not in fields:
        values["segment_id"] = make_segment().pk
    return create_campaign(**{**values, **fields})
