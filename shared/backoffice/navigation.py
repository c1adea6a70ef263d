"""The sidebar: the pages that a person may open, by domain."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.text import capfirst

from shared.backoffice.dashboard import pages_by_domain
from shared.backoffice.record import RecordAdmin
from shared.domains.registry import domains


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
    for domain in domains():
        daily = [_item(page) for page in pages[domain.name] if not page.administration]
        groups.append({"title": domain.title, "items": daily, "separator": True})
    rest = [_item(page) for domain in domains() for page in pages[domain.name] if page.administration]
    groups.append({"title": "Administration", "items": rest, "separator": True})
    return [group for group in groups if group["items"]]


def _item(page: RecordAdmin) -> dict[str, Any]:
    return {
        "title": capfirst(page.opts.verbose_name_plural),
        "icon": page.icon,
        "link": reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_changelist"),
    }
