"""API keys: shown once, rotated with an overlap, revoked."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from shared.backoffice.forms import RecordForm
from shared.backoffice.permissions import NoChanging, NoDeleting
from shared.backoffice.record import RecordAdmin
from shared.errors import DomainError
from shared.tenancy.models import ApiKey, ApiKeyUse
from shared.tenancy.scopes import scope_choices
from shared.tenancy.services import DEFAULT_OVERLAP, issue_api_key, revoke_api_key, rotate_api_key

RAW_KEY = "raw_key"


class ApiKeyForm(RecordForm):
    """A new key: which service, and what it may do."""

    scopes = forms.MultipleChoiceField(
        choices=scope_choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="A key may do nothing that is not ticked here. Writing does not include reading.",
    )


@admin.register(ApiKey)
class ApiKeyAdmin(NoChanging, NoDeleting, RecordAdmin):
    """Keys are made, rotated and revoked; what a key may do never changes, so that the log stays true."""

    form = ApiKeyForm
    list_display = (
        "name",
        "show_prefix",
        "show_state",
        "show_scopes",
        "show_last_use",
        "expires_at",
        "created_at",
    )
    fields = ("name", "scopes", "rate_limit", "expires_at")
    search_prefixes = ("name", "prefix")
    actions = ()
    actions_detail = ("rotate", "revoke")
    icon = "key"
    on_dashboard = False
    administration = True
    warn_unsaved_form = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.fields
        return (
            "name",
            "show_prefix",
            "show_state",
            "show_scopes",
            "rate_limit",
            "expires_at",
            "show_last_use",
        )

    def get_queryset(self, request: HttpRequest) -> Any:
        used = ApiKeyUse.objects.filter(key_id=models.OuterRef("pk")).values("used_at")
        return super().get_queryset(request).annotate(last_used_at=models.Subquery(used))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        return (*self.get_fields(request, obj), *super().get_readonly_fields(request, obj))

    def has_manage_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may make keys may rotate and revoke them."""
        return bool(self.has_add_permission(request))

    # --- Made once, shown once ------------------------------------------------------------------------------

    def create_record(self, request: HttpRequest, data: dict[str, Any]) -> models.Model:
        key, raw = issue_api_key(**data)
        setattr(request, RAW_KEY, raw)
        return key

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        only = {"show_save_and_continue": False, "show_save_and_add_another": False}
        return super().add_view(request, form_url, {**(extra_context or {}), **only})

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        return self._show_once(request, obj, getattr(request, RAW_KEY))

    def _show_once(self, request: HttpRequest, key: ApiKey, raw: str, note: str = "") -> HttpResponse:
        """The answer to the POST itself shows the key: it is in no session, message or address."""
        context = {
            **self.admin_site.each_context(request),
            "title": "Copy the key now",
            "opts": self.opts,
            "key": key,
            "raw": raw,
            "note": note,
        }
        response = render(request, "backoffice/api_key.html", context)
        response["Cache-Control"] = "no-store"
        return response

    # --- Rotating and revoking ------------------------------------------------------------------------------

    @action(description="Rotate", icon="autorenew", permissions=["manage"])
    def rotate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Make a successor; the old key works for some hours more."""
        key = self.get_object(request, unquote(object_id))
        if key is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        error = ""
        if request.method == "POST":
            try:
                hours = int(request.POST.get("hours", ""))
                if not 0 <= hours <= 24 * 90:
                    raise ValueError
                made, raw = rotate_api_key(key_id=key.pk, overlap=dt.timedelta(hours=hours))
            except ValueError:
                error = "Give a whole number of hours from 0 to 2160."
            except DomainError as refusal:
                error = str(refusal)
            else:
                return self._show_once(request, made, raw, f"The old key works for {hours} more hours.")
        return self._ask(request, key, "rotate", error)

    @action(description="Revoke", icon="block", permissions=["manage"])
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """End the key now."""
        key = self.get_object(request, unquote(object_id))
        if key is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if request.method != "POST":
            return self._ask(request, key, "revoke")
        revoke_api_key(key_id=key.pk)
        self.message_user(request, f"The key of {key.name} is revoked: calls with it answer 401 from now on.")
        return redirect(reverse("admin:shared_apikey_change", args=[key.pk]))

    def _ask(self, request: HttpRequest, key: ApiKey, what: str, error: str = "") -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"{what.capitalize()} the key of {key.name}?",
            "opts": self.opts,
            "key": key,
            "what": what,
            "error": error,
            "hours": request.POST.get("hours", int(DEFAULT_OVERLAP.total_seconds() // 3600)),
        }
        return render(request, "backoffice/api_key_ask.html", context)

    # --- Columns --------------------------------------------------------------------------------------------

    @display(description="key")
    def show_prefix(self, obj: ApiKey) -> str:
        """As it begins."""
        return f"trl_{obj.prefix}…"

    @display(description="last used at", ordering="last_used_at")
    def show_last_use(self, obj: Any) -> dt.datetime | None:
        """To the minute."""
        return obj.last_used_at  # type: ignore[no-any-return]  # of the query

    @display(description="scopes")
    def show_scopes(self, obj: ApiKey) -> str:
        """What it may do."""
        return ", ".join(obj.scopes) or "none"

    @display(description="state", label={"works": "success", "ends": "warning", "ended": "danger"})
    def show_state(self, obj: ApiKey) -> tuple[str, str]:
        """Whether it works."""
        now = timezone.now()
        if obj.revoked_at is not None:
            return ("ended", "Revoked") if obj.revoked_at <= now else ("ends", "Ends soon")
        if obj.expires_at is not None and obj.expires_at <= now:
            return "ended", "Expired"
        return "works", "Works"
