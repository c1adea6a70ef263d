"""Drafting messages to customers."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from platform_core.selectors.customer import get_customer
from shared.platform_client.protocol import MessageDraft


def generate_message(
    *, customer_id: uuid.UUID, subject: str, question: str, passages: Sequence[dict[str, Any]] = ()
) -> MessageDraft | None:
    """A draft that rests on ``passages``; None while no provider of drafts is configured. Raises CustomerNotFound."""
    get_customer(customer_id)
    return None
