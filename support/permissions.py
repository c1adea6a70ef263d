"""Who may do what in support, beyond scopes and roles."""

from __future__ import annotations

from shared.errors import Forbidden


def refuse_key(actor_kind: str) -> None:
    """Raise Forbidden when an API key acts: what is internal never leaves by one."""
    if actor_kind == "key":
        raise Forbidden(
            "Notes are internal: sign in as a member of staff to read or write them.", code="internal"
        )
