"""The start page: counts of what a person may see in this process, by domain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import reverse

from shared.backoffice.paginator import count_up_to
from shared.backoffice.record import RecordAdmin
from shared.domains.registry import domain_of_model, domains, served_domains
from shared.session import acting

COUNT_CAP = 10_000


@dataclass
class Tile:
    """A kind of record on the start page."""

    title: str
    icon: str
    link: str
    add_link: str
    count: int


@dataclass
class TileGroup:
    """The tiles of a domain."""

    title: str
    tiles: list[Tile] = field(default_factory=list)


def pages_by_domain(site: AdminSite, request: HttpRequest) -> dict[str, list[RecordAdmin]]:
    """The pages that a person may open, by domain, in the order of registration: those of other processes too."""
    pages: dict[str, list[RecordAdmin]] = {domain.name: [] for domain in domains()}
    elsewhere: dict[Any, Any] = getattr(site, "elsewhere", {})
    for model, page in (*site._registry.items(), *elsewhere.items()):
        if not isinstance(page, RecordAdmin) or not page.has_module_permission(request):
            continue
        if page.has_view_or_change_permission(request):
            pages[domain_of_model(model).name].append(page)
    return pages


def count_tiles(site: AdminSite, request: HttpRequest) -> list[TileGroup]:
    """Tiles with counts; each domain counts its own in its own unit, as its database may be its own."""
    groups = []
    by_domain = pages_by_domain(site, request)
    for domain in served_domains():
        pages = [p for p in by_domain[domain.name] if p.on_dashboard]
        if not pages:
            continue
        with acting(domain=domain.name):
            groups.append(TileGroup(domain.title, [_tile(page, request) for page in pages]))
    return groups


def _tile(page: Any, request: HttpRequest) -> Tile:
    opts = page.opts
    base = f"admin:{opts.app_label}_{opts.model_name}"
    return Tile(
        title=str(opts.verbose_name_plural),
        icon=page.icon,
        link=reverse(f"{base}_changelist"),
        add_link=reverse(f"{base}_add") if page.has_add_permission(request) else "",
        count=count_up_to(page.get_queryset(request), COUNT_CAP),
    )
