"""The page "History" of a record: every version, who made it, and what it changed."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.views.decorators.http import require_POST

from shared.backoffice.past import AS_OF
from shared.backoffice.wording import ACTS, Words
from shared.errors import Conflict, DomainError
from shared.records import Record
from shared.records.versions.diff import act_of, with_changes
from shared.records.versions.undo import lock, plan_restore, plan_undo_of_version

PAGE = 50


class HistoryMixin:
    """Django's history page, from the versions."""

    model: Any
    admin_site: Any
    opts: Any

    def history_view(
        self: Any, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        if not issubclass(self.model, Record):
            raise Http404(f"{capfirst(self.opts.verbose_name_plural)} never change: they have no history.")
        record = self.get_object(request, unquote(object_id))
        if record is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[no-any-return]
        if not self.has_view_or_change_permission(request, record):
            raise PermissionDenied
        rows = self.model.history.filter(id=record.pk).order_by("-version")
        before = request.GET.get("before", "")
        if before.isascii() and before.isdigit() and len(before) < 10:
            rows = rows.filter(version__lt=int(before))
        told = with_changes(self.model, rows[:PAGE])
        words = Words(self.model, self.get_empty_value_display(), [c for _, several in told for c in several])
        listed = [
            {
                "version": version,
                "act": ACTS[act_of(version, changes)],
                "changes": list(words.of(changes, created=version.history_type == "+")),
                "then": f"../change/?{urlencode({AS_OF: version.history_date.isoformat()})}",
            }
            for version, changes in told
        ]
        more = listed[-1]["version"].version if listed and listed[-1]["version"].version > 1 else None
        context = {
            **self.admin_site.each_context(request),
            "title": f"History: {record}",
            "opts": self.opts,
            "object": record,
            "versions": listed,
            "more": more,
            "newest": not before,
            "may_undo": self.model.undoable and self.has_restore_permission(request, record),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "backoffice/history.html", context)

    def get_urls(self: Any) -> list[URLPattern]:
        undo = path(
            "<path:object_id>/undo/",
            self.admin_site.admin_view(self.undo_view),
            name=f"{self.opts.app_label}_{self.opts.model_name}_undo",
        )
        urls: list[URLPattern] = super().get_urls()  # type: ignore[misc]  # the page's
        return [undo, *urls] if issubclass(self.model, Record) else urls

    @method_decorator(require_POST)
    def undo_view(self: Any, request: HttpRequest, object_id: str) -> HttpResponse:
        """Undo the change that made a version, or bring the record back to that version."""
        record = self.get_object(request, unquote(object_id))
        number = request.POST.get("version", "")
        if record is None or not (number.isascii() and number.isdigit() and len(number) < 10):
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[no-any-return]
        if not self.model.undoable or not self.has_restore_permission(request, record):
            raise PermissionDenied
        plan = plan_restore if request.POST.get("what") == "restore" else plan_undo_of_version
        try:
            done = plan(lock(record), int(number)).carry_out(partial(_may, request))
        except Conflict as refusal:
            named = ", ".join(
                f"{c['field']} (now {c['now']})" for c in refusal.extra.get("conflicts", ())[:5]
            )
            self.message_user(request, f"{refusal} {named}".strip(), messages.ERROR)
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            said = (
                "Nothing was to be done: it is so already." if not done else f"Done: {record} is as it was."
            )
            self.message_user(request, said, messages.SUCCESS)
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_history", record.pk)


def _may(request: HttpRequest, model: type[models.Model], verb: str) -> bool:
    return bool(request.user.has_perm(f"{model._meta.app_label}.{verb}_{model._meta.model_name}"))
