"""Before any page: for which tenant does this person work?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from shared.domains.registry import home_domain
from shared.records.activity.refusals import note_refusal_after
from shared.tenancy.choices import TenantStatus
from shared.tenancy.middleware import ORGANIZATION_KEY
from shared.tenancy.staff import Staff

View = TypeVar("View", bound=Callable[..., Any])
NEXT = "next"


def without_tenant(view: View) -> View:
    """Mark a view that those who have no tenant may open."""
    view.needs_no_tenant = True  # type: ignore[attr-defined]
    return view


def needs_no_tenant(view: Callable[..., Any]) -> bool:
    """Whether a view is open to those who have no tenant."""
    return bool(getattr(view, "needs_no_tenant", False))


def find_closed(site: AdminSite, request: HttpRequest, staff: Staff) -> HttpResponse | None:
    """The page shown instead of the wanted one, or None when the tenant in force is clear and active."""
    if staff.membership is None:
        host_tenant = getattr(request, "host_tenant", None)
        if host_tenant is None and staff.memberships:
            wanted = urlencode({NEXT: request.get_full_path()}) if request.method == "GET" else ""
            return redirect(reverse("admin:choose_tenant") + (f"?{wanted}" if wanted else ""))
        ended = _find_ended(request, host_tenant)
        kind = "ended" if ended else "stranger" if host_tenant else "nowhere"
        return _closed(site, request, staff, kind=kind, host_tenant=host_tenant, ended=ended)
    if staff.membership.tenant_status != TenantStatus.ACTIVE:
        return _closed(site, request, staff, kind="suspended", tenant=staff.membership.tenant_name)
    return None


def _closed(site: AdminSite, request: HttpRequest, staff: Staff, **context: Any) -> HttpResponse:
    title = {
        "suspended": "Suspended",
        "stranger": "Not your tenant",
        "ended": "Your membership has ended",
        "nowhere": "No tenant yet",
    }[context["kind"]]
    context = {
        **site.each_context(request),
        **context,
        "title": title,
        "staff": staff,
        "others": _others(staff),
    }
    return render(request, "backoffice/closed.html", context, status=403)


def _find_ended(request: HttpRequest, host_tenant: Any) -> list[Any]:
    """Memberships of the person that have ended: at a tenant's address of that one, else of all."""
    ended = request.session.ended_memberships()  # type: ignore[attr-defined]  # our session store's
    return [m for m in ended if host_tenant is None or m.organization_id == host_tenant.id]


def _others(staff: Staff) -> list[Any]:
    in_force = staff.organization_id
    return [m for m in staff.memberships if m.organization_id != in_force]


def choose_tenant(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """GET: the page to choose on. ``organization``, sent by the page's form or by a link from another process, so that
    who goes there works for the same tenant: work for that one from now on."""
    staff: Staff = request.staff  # type: ignore[attr-defined]
    wanted = request.POST.get(NEXT) or request.GET.get(NEXT) or ""
    if not url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        wanted = reverse("admin:index")
    host_tenant = getattr(request, "host_tenant", None)
    if host_tenant is not None:  # the address has chosen
        return HttpResponseRedirect(wanted if staff.membership else reverse("admin:index"))
    chosen = request.POST.get("organization") or request.GET.get("organization")
    if any(str(m.organization_id) == chosen for m in staff.memberships):
        request.session[ORGANIZATION_KEY] = chosen
        return HttpResponseRedirect(wanted)
    if chosen:
        note_refusal_after(request, "wrong_tenant", domain=home_domain().name, name=staff.actor.name)
    context = {
        **site.each_context(request),
        "title": "Choose a tenant",
        "staff": staff,
        "memberships": staff.memberships,
        NEXT: wanted,
    }
    return render(request, "backoffice/choose_tenant.html", context)
