"""Describing segments."""

from __future__ import annotations

import uuid
from typing import Any, TypedDict, Unpack

from marketing.choices import CampaignStatus
from marketing.models import Campaign, Segment, SegmentVersion
from marketing.rules import find_rule_errors, referred_segments
from marketing.selectors.segment import rules_of_segments
from shared.errors import Conflict, InvalidInput
from shared.records.saving import save_checked
from shared.session import current

MAX_CHAIN = 50
"""How many segments a segment may stand on, directly or through others."""


class SegmentChanges(TypedDict, total=False):
    name: str
    description: str
    rules: dict[str, Any]
    custom_fields: dict[str, object]


def create_segment(
    *,
    name: str,
    rules: dict[str, Any],
    description: str = "",
    custom_fields: dict[str, object] | None = None,
) -> Segment:
    """Create a segment with version 1 of its rules; raises InvalidInput on rules of the wrong shape."""
    _check_rules(rules, of=None)
    segment = save_checked(
        Segment(name=name, description=description, rules=rules, custom_fields=custom_fields or {})
    )
    _keep_version(segment)
    return segment


def update_segment(*, segment: Segment, **changes: Unpack[SegmentChanges]) -> Segment:
    """Change a segment. Other rules make a new version; campaigns under way keep the audience they froze."""
    values: dict[str, Any] = dict(changes)
    anew = "rules" in values and values["rules"] != segment.rules
    if anew:
        _check_rules(values["rules"], of=segment)
        values["rules_version"] = segment.rules_version + 1
    save_checked(segment, values)
    if anew:
        _keep_version(segment)
    return segment


def delete_segment(*, segment: Segment) -> None:
    """Hide a segment; refused while a campaign that is not over, or another segment, refers to it."""
    over = (CampaignStatus.SENT, CampaignStatus.ARCHIVED)
    campaign = Campaign.objects.filter(segment=segment).exclude(status__in=over).first()
    if campaign is not None:
        raise Conflict(
            f"The campaign {campaign.name} is for this segment: archive it or choose another first."
        )
    for other in Segment.objects.exclude(pk=segment.pk).only("name", "rules").iterator():
        if segment.pk in referred_segments(other.rules):
            raise Conflict(f"The segment {other.name} refers to this one: change its rules first.")
    segment.soft_delete()


def _check_rules(rules: Any, *, of: Segment | None) -> None:
    """Refuse rules of the wrong shape, and references that lead nowhere or in a circle."""
    errors = find_rule_errors(rules)
    if errors:
        raise InvalidInput({"rules": errors})
    known: set[uuid.UUID] = set()
    asked = referred_segments(rules)
    while asked:
        if of is not None and of.pk in asked:
            raise InvalidInput({"rules": "The segment would refer to itself: take that part out."})
        found = rules_of_segments(asked)
        if missing := asked - found.keys():
            raise InvalidInput({"rules": f"There is no segment {min(missing)} in your organization."})
        known |= asked
        if len(known) > MAX_CHAIN:
            raise InvalidInput({"rules": f"The segment stands on more than {MAX_CHAIN} others: use fewer."})
        asked = {ref for tree in found.values() for ref in referred_segments(tree)} - known


def _keep_version(segment: Segment) -> None:
    facts = current()
    SegmentVersion(
        segment=segment,
        number=segment.rules_version,
        rules=segment.rules,
        author=facts.actor.name[:200] if facts else "",
    ).save(force_insert=True)
