"""Pages run inside units of work, their rendering included."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import ValidationError
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponseBase

from shared.backoffice.past import moment_of_page
from shared.backoffice.refusals import REFUSALS, refuse_database_error, show_refusal
from shared.domains.registry import (
    Domain,
    domain_of_model,
    domains,
    find_domain_of_app,
    get_domain,
    home_domain,
    serves,
)
from shared.errors import DomainError
from shared.records.versions.past import has_past
from shared.session import acting
from shared.tenancy.staff import Staff


def domain_of_view(request: HttpRequest, view: Callable[..., Any], kwargs: dict[str, Any]) -> str:
    """Which domain acts: the owner of the page's model; the process's home for pages of the site itself, and for
    records that are copied here from a domain that another process serves."""
    owner = getattr(view, "__self__", None) or kwargs.get("model_admin")
    if isinstance(owner, ModelAdmin):
        return _served(domain_of_model(owner.model))
    if getattr(view, "__name__", "") == "activity":  # of the site: its domain stands in the address
        return _served(next((d for d in domains() if d.name == kwargs["domain"]), home_domain()))
    if getattr(view, "__name__", "") == "autocomplete_view":  # of the site: its model comes in the query
        try:
            domain = find_domain_of_app(request.GET.get("app_label", ""))
        except LookupError:
            domain = None
        if domain is not None:
            return _served(domain)
    return home_domain().name


def keeps_past(view: Callable[..., Any]) -> bool:
    """Whether the records of a page can be shown as of a date."""
    owner = getattr(view, "__self__", None)
    return isinstance(owner, ModelAdmin) and has_past(owner.model._meta.db_table)


def _served(owner: Domain) -> str:
    return owner.name if serves(owner.name) else home_domain().name


def run_page(
    request: HttpRequest,
    staff: Staff,
    *,
    domain: str,
    page: Callable[[], HttpResponseBase],
    past: bool = False,
) -> HttpResponseBase:
    """Run a page as ``domain`` for the tenant in force, and render what it returns before the unit ends, since templates
    read related records. ``past``: it can be shown as of a date. What PostgreSQL refuses becomes a page that says so."""
    unit: AbstractContextManager[Any] = nullcontext()
    try:
        request.as_of = moment_of_page(request, kept=past)  # type: ignore[attr-defined]
    except DomainError as refusal:
        return show_refusal(request, refusal.status, "Not possible", str(refusal))
    if (
        staff.organization_id is not None or get_domain(domain).central
    ):  # else it asks no database: choosing a tenant
        unit = acting(
            domain=domain,
            organization=staff.organization_id,
            actor=staff.actor,
            request_id=request.request_id,  # type: ignore[attr-defined]
            as_of=request.as_of,  # type: ignore[attr-defined]
        )
    try:
        with unit:
            response = page()
            if not getattr(response, "is_rendered", True):
                response.render()  # type: ignore[attr-defined]
            return response
    except DomainError as error:
        return show_refusal(request, error.status, "Not possible", str(error))
    except ValidationError:  # a value of the address that no form has checked, such as add/?customer=xyz
        return show_refusal(request, *REFUSALS["22"])
    except DatabaseError as error:
        return refuse_database_error(request, error)
