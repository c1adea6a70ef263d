"""Campaigns from their draft to the archive."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, TypedDict, Unpack

from django.utils import timezone

from marketing.choices import CAMPAIGN_TRANSITIONS, CampaignStatus
from marketing.models import Campaign
from marketing.selectors.campaign import get_campaign
from marketing.selectors.segment import find_segment
from shared.errors import Conflict, InvalidInput
from shared.records.saving import save_checked
from shared.session import current

FROZEN_BY_APPROVAL = frozenset({"segment_id", "subject", "content", "channel"})
"""What was approved is what is sent."""


class CampaignChanges(TypedDict, total=False):
    name: str
    description: str
    channel: str
    segment_id: uuid.UUID | None
    subject: str
    content: str
    owner_id: uuid.UUID | None
    custom_fields: dict[str, object]


def create_campaign(**values: Unpack[CampaignChanges]) -> Campaign:
    """Create a campaign as a draft."""
    _check_segment(values.get("segment_id"))
    return save_checked(Campaign(**values))


def update_campaign(*, campaign: Campaign, **changes: Unpack[CampaignChanges]) -> Campaign:
    """Change a campaign; its message and audience only while it is a draft."""
    touched = sorted(
        name
        for name in FROZEN_BY_APPROVAL & changes.keys()
        if changes[name] != getattr(campaign, name)  # type: ignore[literal-required]
    )
    if touched and campaign.status != CampaignStatus.DRAFT:
        raise Conflict(
            f"The campaign is {campaign.status}: set it back to draft to change message or segment.",
            errors=dict.fromkeys(touched, "This can be changed in a draft only."),
            allowed=_allowed(campaign),
        )
    if "segment_id" in changes:
        _check_segment(changes["segment_id"])
    return save_checked(campaign, changes)


def change_campaign_status(
    *, campaign_id: uuid.UUID, status: str, scheduled_at: dt.datetime | None = None
) -> Campaign:
    """Take a campaign to another status. Raises Conflict naming the allowed ones where that is not possible.

    Scheduling needs ``scheduled_at``; approving needs a segment, a subject and a text.
    """
    campaign = get_campaign(campaign_id, lock=True)
    if status not in CAMPAIGN_TRANSITIONS[campaign.status]:
        raise Conflict(_refusal(campaign, status), allowed=_allowed(campaign))
    if scheduled_at is not None and status != CampaignStatus.SCHEDULED:
        raise InvalidInput({"scheduled_at": "A time is given when scheduling only: leave it out."})
    now = timezone.now()
    values: dict[str, Any] = {"status": CampaignStatus(status)}
    match status:
        case CampaignStatus.APPROVED:
            _check_complete(campaign)
            values["scheduled_at"] = None
            if campaign.approved_at is None:
                values |= {"approved_at": now, "approved_by": _actor_name()}
        case CampaignStatus.DRAFT:
            values |= {"approved_at": None, "approved_by": ""}
        case CampaignStatus.SCHEDULED:
            if scheduled_at is None:
                raise InvalidInput({"scheduled_at": "Say when the campaign is to be sent."})
            if scheduled_at <= now:
                raise InvalidInput({"scheduled_at": "This time has passed: choose one in the future."})
            values["scheduled_at"] = scheduled_at
        case CampaignStatus.SENDING if campaign.started_at is None:
            values["started_at"] = now
        case CampaignStatus.SENT:
            values["finished_at"] = now
    return save_checked(campaign, values)


def delete_campaign(*, campaign: Campaign) -> None:
    """Hide a campaign; refused while it is on its way to people."""
    if campaign.status in (CampaignStatus.SCHEDULED, CampaignStatus.SENDING, CampaignStatus.PAUSED):
        raise Conflict(
            f"The campaign is {campaign.status}: it cannot be deleted.", allowed=_allowed(campaign)
        )
    campaign.soft_delete()


def _allowed(campaign: Campaign) -> list[str]:
    return [status.value for status in CAMPAIGN_TRANSITIONS[campaign.status]]


def _refusal(campaign: Campaign, status: str) -> str:
    allowed = _allowed(campaign)
    if not allowed:
        return f"The campaign is {campaign.status}, which is its end: it cannot become {status}."
    return f"A campaign that is {campaign.status} cannot become {status}: choose {' or '.join(allowed)}."


def _check_segment(segment_id: uuid.UUID | None) -> None:
    if segment_id is not None and find_segment(segment_id) is None:
        raise InvalidInput({"segment_id": "There is no such segment in your organization."})


def _check_complete(campaign: Campaign) -> None:
    missing = [name for name in ("segment_id", "subject", "content") if getattr(campaign, name) in (None, "")]
    if missing:
        names = ", ".join(name.removesuffix("_id") for name in missing)
        raise Conflict(
            f"The campaign is not complete: fill in {names} first.",
            errors=dict.fromkeys(missing, "This is needed before approval."),
            allowed=[CampaignStatus.ARCHIVED.value],
        )


def _actor_name() -> str:
    facts = current()
    return facts.actor.name[:200] if facts else ""
