"""Refused and hostile acts in the activity log: a wrong password, an unknown key, another tenant's door.

They have no tenant, so operators alone read them (``manage.py show_refusals``). Whoever hammers at the door may not fill the
log: of one address and act each process writes ten a minute, and how many more there were.
"""

from __future__ import annotations

import logging
import time
from functools import partial
from threading import Lock
from typing import Any, Literal

from django.db import Error as DatabaseError
from django.db import connections, transaction

from shared.domains.router import alias_of
from shared.session.unit import looking_up

log = logging.getLogger("trellis.refusals")

Refused = Literal["refused_login", "wrong_key", "wrong_tenant", "refused_write"]
WINDOW_SECONDS = 60.0
MOST = 10
_ADDRESSES = 10_000

_counts: dict[tuple[str, str], list[float]] = {}
"""By act and address: when its window ends, how many were written, how many were not."""
_lock = Lock()


def note_refusal(request: Any, action: Refused, *, domain: str, subject: str = "", name: str = "") -> None:
    """Write down what was refused; outside of any unit. A database that does not answer only leaves a line in the log
    of the process, since the refusal itself stands.

    ``subject``: what it was about (``support.ticket``); ``name``: who they said they were, never a secret.
    """
    ip = request.META.get("REMOTE_ADDR") or ""
    log.warning("%s ip=%s name=%s request_id=%s", action, ip, name, getattr(request, "request_id", ""))
    more = _counted(action, ip)
    if more is None:
        return
    agent = request.META.get("HTTP_USER_AGENT", "")
    said = [domain, action, subject, name, ip, agent, getattr(request, "request_id", "")]
    try:
        with looking_up(), connections[alias_of(domain)].cursor() as cursor:
            cursor.execute(
                "SELECT shared.note_refusal(%s, %s, %s, %s, %s, %s, %s, %s)",
                [*(text.replace("\x00", "") for text in said), more],
            )
    except DatabaseError as error:
        log.error("%s was not written to the activity log: %s", action, error)


def note_refusal_after(request: Any, action: Refused, *, domain: str, name: str = "") -> None:
    """As ``note_refusal``, once the unit of a page has ended; at once where there is none."""
    noting = partial(note_refusal, request, action, domain=domain, name=name)
    transaction.on_commit(noting, using=alias_of(domain))


def _counted(action: str, ip: str) -> int | None:
    """How many were left out before this one, which is to be written; None where it is left out itself."""
    now = time.monotonic()
    with _lock:
        if len(_counts) >= _ADDRESSES:
            _counts.clear()
        until, written, left_out = _counts.get((action, ip), [0.0, 0, 0])
        if now >= until:
            _counts[action, ip] = [now + WINDOW_SECONDS, 1, 0]
            return int(left_out)
        if written >= MOST:
            _counts[action, ip] = [until, written, left_out + 1]
            return None
        _counts[action, ip] = [until, written + 1, left_out]
        return 0
