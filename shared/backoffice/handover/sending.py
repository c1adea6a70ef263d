"""The platform's side: it hands staff who are signed in over to other processes, and hears when they sign out."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse

from shared.backoffice.handover.assertion import (
    HandOver,
    HandOverError,
    is_local,
    read_hand_back,
    sign_hand_over,
)
from shared.backoffice.refusals import show_refusal
from shared.domains.registry import serves
from shared.domains.service_secrets import find_service_secret
from shared.tenancy.lookup import find_tenant_by_hostname
from shared.tenancy.staff import Staff


def hand_over(request: HttpRequest) -> HttpResponse:
    """Send the signed-in person to the process of the domain ``to``, with an assertion. ``next`` is the path to open
    there, ``host`` a tenant's hostname to come to, ``state`` what their browser is known by there.

    The address comes from ``<NAME>_BASE_URL`` alone; a hostname must be of a tenant that the person works for, and the
    assertion then speaks of no other tenant.
    """
    staff: Staff = request.staff  # type: ignore[attr-defined]
    to, wanted, host = (request.GET.get(name, "") for name in ("to", "next", "host"))
    base = urlsplit(settings.BASE_URLS.get(to, ""))
    if not base.netloc or serves(to) or not find_service_secret(to):
        return show_refusal(
            request, 404, "No such process", "The platform knows no process of this name: check the address."
        )
    if not is_local(wanted):
        return show_refusal(
            request, 400, "Not understood", "The page to go on to must be a path, such as /admin/."
        )
    memberships, netloc = staff.memberships, base.netloc
    if host:
        tenant = find_tenant_by_hostname(host)
        memberships = tuple(m for m in memberships if tenant and m.organization_id == tenant.id)
        if not memberships:
            return show_refusal(
                request,
                403,
                "Not your tenant",
                "This is the address of a tenant that you do not work for: ask one of its administrators to invite you.",
            )
        netloc = f"{host}:{base.port}" if base.port else host
    assertion = sign_hand_over(
        HandOver(
            audience=to,
            user_id=staff.user.pk,
            name=str(staff.user.name),
            email=str(staff.user.email),
            memberships=memberships,
            organization=staff.organization_id,
            next=wanted,
            state=request.GET.get("state", "")[:64],
            host=host.lower(),
        )
    )
    query = urlencode({"assertion": assertion})
    return HttpResponseRedirect(f"{base.scheme}://{netloc}{reverse('admin:arrival')}?{query}")


def hand_back(request: HttpRequest) -> HttpResponse:
    """Sign out who has signed out at the process of the domain ``from``. The process signs for it, so that no link of
    a stranger's does the same."""
    try:
        user_id = read_hand_back(request.GET.get("statement", ""), request.GET.get("from", ""))
    except HandOverError:
        return show_refusal(
            request, 400, "Not signed out", "This link is not valid any more: sign out on the start page."
        )
    if request.user.pk == user_id:
        logout(request)
    return redirect("admin:login")
