"""Lock-out: five wrong passwords for one e-mail from one address close sign-in for a quarter of an hour.

The counts live in the broker, since a login page may write no table. When the broker is down nobody is locked
out and nobody is kept out: the password still has to be right."""

from __future__ import annotations

import logging
from typing import Any

from axes.handlers.cache import AxesCacheHandler
from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError

from shared.domains.registry import home_domain
from shared.records.activity.refusals import note_refusal_after

log = logging.getLogger(__name__)


class LockoutHandler(AxesCacheHandler):
    """Axes' counts in the cache, indifferent to the broker's absence."""

    def get_failures(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        try:
            return int(super().get_failures(request, credentials))
        except RedisError:
            log.error("sign-in: the broker does not answer, so failures are not counted")
            return 0

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        if request is not None:
            # The page runs in a unit; what it refuses is written when that has ended.
            name = spelled_alike(request, credentials)
            note_refusal_after(request, "refused_login", domain=home_domain().name, name=name)
        try:
            super().user_login_failed(sender, credentials, request, **kwargs)
        except RedisError:
            log.error("sign-in: the broker does not answer, so a failure is not counted")

    def user_logged_in(self, sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
        try:
            super().user_logged_in(sender, request, user, **kwargs)
        except RedisError:
            log.error("sign-in: the broker does not answer, so failures are not reset")


def spelled_alike(request: Any, credentials: dict[str, Any] | None = None) -> str:
    """The e-mail that is counted: as sign-in compares it, so that capitals do not make a new person."""
    given = (credentials or {}).get("username") or request.POST.get("username", "")
    return str(given).strip().lower()


def show_locked_out(request: HttpRequest, credentials: Any = None, *args: Any, **kwargs: Any) -> HttpResponse:
    """429: the page that says how long to wait."""
    from shared.backoffice.refusals import show_refusal

    return show_refusal(
        request,
        429,
        "Sign-in is locked",
        "There were five wrong passwords in a row: wait 15 minutes and try again, or ask an administrator.",
    )
