"""The admin site: sign-in, the choice of a tenant, and pages inside units of work."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, update_wrapper
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.common import no_append_slash
from django.views.decorators.http import require_GET
from unfold.sites import UnfoldAdminSite

from shared.backoffice import gate
from shared.backoffice.activity import show_activity
from shared.backoffice.dashboard import count_tiles
from shared.backoffice.handover.assertion import is_local
from shared.backoffice.handover.receiving import (
    arrive,
    ask_platform,
    ask_where_needed,
    comes_by_hand_over,
    leave,
    platform_address,
)
from shared.backoffice.handover.sending import hand_back, hand_over
from shared.backoffice.record import RecordAdmin
from shared.backoffice.signin import SignInForm
from shared.backoffice.units import domain_of_view, keeps_past, run_page
from shared.domains.registry import central_domain, domain_of_model, find_domain_of_app, serves
from shared.session import acting


class TrellisAdminSite(UnfoldAdminSite):
    """Where staff work. Every page knows its tenant; no page runs a statement outside of a unit of work."""

    index_template = "backoffice/index.html"
    login_template = "backoffice/login.html"
    index_title = "Overview"
    enable_nav_sidebar = True
    empty_value_display = "–"
    login_form = SignInForm

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.elsewhere: dict[type[models.Model], RecordAdmin] = {}

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take pages built on RecordAdmin: those of served domains; of the others the sidebar alone knows. Those that
        libraries bring (groups, lock-out attempts) are passed over: their tables have no tenant."""
        found = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        if admin_class is None or not issubclass(admin_class, RecordAdmin):
            if all(not _is_ours(model) for model in found):
                return
            raise TypeError(f"Register {found} with a page built on RecordAdmin (shared.backoffice.record).")
        for model in found:
            if admin_class.copied or serves(domain_of_model(model).name):
                super().register(model, admin_class, **options)
            else:
                self.elsewhere[model] = admin_class(model, self)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        return {**context, "templates": {"navigation": "backoffice/navigation.html"}}

    def admin_view(
        self, view: Callable[..., Any], cacheable: bool = False
    ) -> Callable[..., HttpResponseBase]:
        """Django's guard, then the tenant's, then a unit of work around view and template."""
        guarded = super().admin_view(view, cacheable)

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            staff = request.staff  # type: ignore[attr-defined]
            if comes_by_hand_over():
                asked = ask_where_needed(request, staff or None)
                if asked is not None:
                    return asked
            if not staff:
                return guarded(request, *args, **kwargs)
            if not gate.needs_no_tenant(view):
                closed = gate.find_closed(self, request, staff)
                if closed is not None:
                    return closed
            page = partial(guarded, request, *args, **kwargs)
            domain = domain_of_view(request, view, kwargs)
            return run_page(request, staff, domain=domain, page=page, past=keeps_past(view))

        return update_wrapper(inner, view)

    def get_urls(self) -> list[URLPattern | URLResolver]:  # type: ignore[override]
        own = [
            path("tenant/", self.admin_view(self.choose_tenant), name="choose_tenant"),
            path("hand-over/", never_cache(require_GET(self.hand_over)), name="hand_over"),
            path("hand-back/", never_cache(require_GET(self.hand_back)), name="hand_back"),
            path("activity/<slug:domain>/", self.admin_view(self.activity), name="activity"),
            path("arrival/", never_cache(require_GET(self.arrival)), name="arrival"),
        ]
        return own + [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Sign in by e-mail and password, acting as the platform: there is no tenant yet. A process that does not
        serve the platform sends people there."""
        if comes_by_hand_over():
            wanted = request.GET.get(gate.NEXT, "")
            return ask_platform(request, wanted if is_local(wanted) else reverse("admin:index"))
        bool(request.staff)  # type: ignore[attr-defined]  # finds the session, which no unit may
        with acting(
            domain=central_domain().name,
            organization=None,
            request_id=request.request_id,  # type: ignore[attr-defined]
        ):
            response = super().login(request, extra_context)
            if isinstance(response, TemplateResponse):
                response.render()
            return response

    @gate.without_tenant
    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Sign out, everywhere; also those who have no tenant can."""
        if comes_by_hand_over() and request.method == "POST":
            return leave(request)
        return super().logout(request, extra_context)  # type: ignore[return-value]

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Change one's own password, at the platform: that of the account, which is no tenant's."""
        if comes_by_hand_over():
            return redirect(platform_address(reverse("admin:password_change")))
        with acting(domain=central_domain().name, organization=None):
            response = super().password_change(request, extra_context)
            if isinstance(response, TemplateResponse):
                response.render()
            return response

    def hand_over(self, request: HttpRequest) -> HttpResponse:
        """At the platform: send the person to another process, once they are signed in."""
        if comes_by_hand_over():
            raise Http404
        if not request.staff:  # type: ignore[attr-defined]
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        return hand_over(request)

    def hand_back(self, request: HttpRequest) -> HttpResponse:
        """At the platform: sign out who has signed out at another process."""
        if comes_by_hand_over():
            raise Http404
        return hand_back(request)

    def arrival(self, request: HttpRequest) -> HttpResponse:
        """At the others: take in whom the platform sends."""
        if not comes_by_hand_over():
            raise Http404
        return arrive(request)

    @no_append_slash
    def catch_all_view(self, request: HttpRequest, url: str) -> HttpResponse:
        """Pages of domains that another process serves are there; all else is nowhere."""
        names = url.split("/")[:2]
        for model in self.elsewhere:
            base = settings.BASE_URLS.get(domain_of_model(model).name)
            if base and names == [model._meta.app_label, model._meta.model_name]:
                return HttpResponseRedirect(f"{base}{request.get_full_path()}")
        return super().catch_all_view(request, url)  # type: ignore[return-value]

    @gate.without_tenant
    def choose_tenant(self, request: HttpRequest) -> HttpResponse:
        """Choose which of their tenants someone works for."""
        return gate.choose_tenant(self, request)

    @gate.without_tenant
    def i18n_javascript(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Translations for the pages' scripts."""
        return super().i18n_javascript(request, extra_context)

    @method_decorator(require_GET)
    def activity(self, request: HttpRequest, domain: str) -> HttpResponse:
        """A domain's activity log."""
        return show_activity(self, request, domain)

    def search(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Pages by name. (Unfold's own keeps answers in the cache, whatever tenant they were for.)"""
        term = request.GET.get("s", "").strip().lower()
        found = self._search_apps(self.get_app_list(request), term) if term else []
        context = {
            "results": Paginator(found, 100).page(1),
            "page_obj": Paginator(found, 100),
            "page_counter": 0,
        }
        template = "command_results" if "extended" in request.GET else "search_results"
        return TemplateResponse(
            request, f"unfold/helpers/{template}.html", context, headers={"HX-Trigger": "search"}
        )

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The start page: how much there is of what one may see."""
        return super().index(request, {"groups": count_tiles(self, request), **(extra_context or {})})


def _is_ours(model: type[models.Model]) -> bool:
    return model._meta.app_label == "shared" or find_domain_of_app(model._meta.app_label) is not None
