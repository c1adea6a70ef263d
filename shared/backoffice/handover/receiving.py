"""The side of a process that does not serve the platform: it asks the platform who somebody is, and takes them in."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from redis.exceptions import RedisError

from shared.backoffice.handover.assertion import (
    LIFETIME,
    HandOver,
    HandOverError,
    is_local,
    read_hand_over,
    sign_hand_back,
)
from shared.backoffice.handover.sessions import FRESH
from shared.backoffice.refusals import show_refusal
from shared.domains.registry import central_domain, home_domain, serves
from shared.domains.service_secrets import find_service_secret
from shared.tenancy.staff import Staff

STATE_COOKIE = f"trellis_browser{settings.COOKIE_SUFFIX}"
_STATE_SECONDS = 24 * 60 * 60


def comes_by_hand_over() -> bool:
    """Whether staff sign in elsewhere: this process does not serve the platform."""
    return not serves(central_domain().name)


def platform_address(path: str) -> str:
    """An address at the platform's process; empty when this process does not know it."""
    base: str = settings.BASE_URLS.get(central_domain().name, "")
    return base and f"{base}{path}"


def ask_platform(request: HttpRequest, wanted: str) -> HttpResponse:
    """Send the browser to the platform, which sends it back with an assertion and then on to ``wanted``."""
    home = home_domain().name
    address = platform_address(reverse("admin:hand_over"))
    if not address or not find_service_secret(home):
        names = f"{central_domain().name.upper()}_BASE_URL and {home.upper()}_SERVICE_SECRET"
        return show_refusal(request, 503, "Not set up", f"Nobody can sign in here yet: set {names}.")
    state = request.COOKIES.get(STATE_COOKIE) or secrets.token_urlsafe(24)
    query = {"to": home, "next": wanted, "state": state}
    if host_tenant_of(request) is not None:
        query["host"] = request.get_host().partition(":")[0]
    response = HttpResponseRedirect(f"{address}?{urlencode(query)}")
    response.set_cookie(
        STATE_COOKIE,
        state,
        _STATE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    response["Cache-Control"] = "no-store"
    return response


def ask_where_needed(request: HttpRequest, staff: Staff | None) -> HttpResponse | None:
    """What is answered instead of a page: nobody is signed in, or the platform has not been asked for some minutes.

    Only opening a page can be sent around by the platform; what a page sends goes on for some minutes more.
    """
    session: Any = request.session
    if _opens_page(request):
        return None if staff and session.age < FRESH else ask_platform(request, request.get_full_path())
    if staff:
        return None
    return show_refusal(
        request,
        403,
        "Signed out",
        "Nothing was saved, since you have been away for long: open the start page in another tab, then go back in "
        "this one and save again.",
    )


def arrive(request: HttpRequest) -> HttpResponse:
    """Take in the person of an assertion, and open the page that they wanted."""
    try:
        given = read_hand_over(request.GET.get("assertion", ""), home_domain().name)
        _check(request, given)
        session: Any = request.session
        if session.receive(given):
            rotate_token(request)
    except HandOverError as error:
        return show_refusal(request, 403, "Not signed in", str(error))
    except RedisError:
        return show_refusal(
            request, 503, "Not available", "The broker does not answer: try again in a minute."
        )
    return HttpResponseRedirect(given.next)


def leave(request: HttpRequest) -> HttpResponse:
    """Sign out here, then at the platform."""
    staff: Staff = request.staff  # type: ignore[attr-defined]
    statement = sign_hand_back(home_domain().name, staff.user.pk)
    request.session.flush()
    query = urlencode({"from": home_domain().name, "statement": statement})
    return HttpResponseRedirect(f"{platform_address(reverse('admin:hand_back'))}?{query}")


def host_tenant_of(request: HttpRequest) -> Any:
    """The tenant whose hostname was called, or None."""
    return getattr(request, "host_tenant", None)


def _check(request: HttpRequest, given: HandOver) -> None:
    """Raise HandOverError for an assertion that another browser asked for, of another host, or used before."""
    state = request.COOKIES.get(STATE_COOKIE, "")
    if not state or not constant_time_compare(state, given.state):
        raise HandOverError(
            "This browser did not ask for this sign-in: allow cookies for this address, and open the page again."
        )
    here = request.get_host().partition(":")[0].lower() if host_tenant_of(request) is not None else ""
    if given.host != here:
        raise HandOverError("This sign-in was meant for another address: open the page again.")
    if not is_local(given.next):
        raise HandOverError("The page to go on to is not one of this process: open the start page.")
    if not cache.add(f"trellis.hand-over.{given.token}", 1, 2 * LIFETIME):
        raise HandOverError("This sign-in was used before: open the page again.")


def _opens_page(request: HttpRequest) -> bool:
    """Whether a person opens a page, rather than a script or a form asking for something."""
    headers = request.headers
    return (
        request.method in {"GET", "HEAD"}
        and headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        and "X-Requested-With" not in headers
        and "HX-Request" not in headers
    )
