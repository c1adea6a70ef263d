"""The sidebar: the pages that a person may open, by domain, in whichever process they are."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.text import capfirst

from shared.backoffice.activity import address_of
from shared.backoffice.dashboard import pages_by_domain
from shared.backoffice.handover.receiving import platform_address
from shared.backoffice.record import RecordAdmin
from shared.domains.registry import Domain, central_domain, domains, serves


def stylesheet(request: HttpRequest) -> str:
    """The address of what the back office adds to the theme."""
    return static("backoffice/backoffice.css")


def favicon(request: HttpRequest) -> str:
    """The address of the site's icon."""
    return static("backoffice/favicon.svg")


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Unfold's navigation, derived from the registered pages."""
    groups: list[dict[str, Any]] = [
        {
            "title": "",
            "items": [{"title": "Overview", "icon": "space_dashboard", "link": reverse("admin:index")}],
        }
    ]
    if not getattr(request, "staff", None) or request.staff.membership is None:  # type: ignore[attr-defined]
        return []
    pages = pages_by_domain(admin.site, request)
    shown = [domain for domain in domains() if serves(domain.name) or domain.name in settings.BASE_URLS]
    for domain in shown:
        daily = [_item(request, domain, page) for page in pages[domain.name] if not page.administration]
        log = [_log_item(request, domain)] if pages[domain.name] else []
        groups.append({"title": domain.title, "items": [*daily, *log], "separator": True})
    rest = [_item(request, d, page) for d in shown for page in pages[d.name] if page.administration]
    groups.append({"title": "Administration", "items": rest, "separator": True})
    return [group for group in groups if group["items"]]


def _item(request: HttpRequest, domain: Domain, page: RecordAdmin) -> dict[str, Any]:
    return {
        "title": capfirst(page.opts.verbose_name_plural),
        "icon": page.icon,
        "link": _address(request, domain, page),
    }


def _log_item(request: HttpRequest, domain: Domain) -> dict[str, Any]:
    path = address_of(domain)
    link = path if serves(domain.name) else _elsewhere(request, domain, path)
    return {"title": "Activity log", "icon": "manage_search", "link": link}


def _address(request: HttpRequest, domain: Domain, page: RecordAdmin) -> str:
    """The address of a page."""
    if serves(domain.name):
        return reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_changelist")
    return _elsewhere(
        request, domain, f"{reverse('admin:index')}{page.opts.app_label}/{page.opts.model_name}/"
    )


def _elsewhere(request: HttpRequest, domain: Domain, path: str) -> str:
    """A page of another process; the address names the tenant in force, which may be another there."""
    base: str = settings.BASE_URLS[domain.name]
    staff = request.staff  # type: ignore[attr-defined]
    if len(staff.memberships) == 1:
        return base + path
    query = urlencode({"organization": staff.organization_id, "next": path})
    return f"{base}{reverse('admin:choose_tenant')}?{query}"


def password_address(request: HttpRequest) -> str:
    """Where people change their password: at the platform."""
    path = reverse("admin:password_change")
    return path if serves(central_domain().name) else platform_address(path)
