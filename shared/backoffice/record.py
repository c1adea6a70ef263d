"""The base of every page of records in the back office (README.md shows how to add one)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin

from shared.backoffice.changelist import RecordChangeList
from shared.backoffice.checks import RecordAdminChecks
from shared.backoffice.custom_fields import CustomFieldsMixin
from shared.backoffice.export import ExportMixin
from shared.backoffice.filters import SHOW_DELETED, DeletedFilter
from shared.backoffice.forms import VERSION_FIELD, RecordForm
from shared.backoffice.history import HistoryMixin
from shared.backoffice.paginator import CappedPaginator
from shared.backoffice.past import PastMixin
from shared.backoffice.relations import RelationsMixin
from shared.backoffice.search import TOO_COSTLY_LOOKUPS, prefix_condition
from shared.errors import DomainError
from shared.records import Record
from shared.records.saving import settle_custom_fields
from shared.tenancy.standing import fields_not_there_yet

log = logging.getLogger(__name__)

RECORD_FIELDS = ("id", "version", "created_at", "updated_at", "created_by_app", "deleted_at")


class RecordAdmin(HistoryMixin, PastMixin, ExportMixin, CustomFieldsMixin, RelationsMixin, ModelAdmin):
    """Lists, shows and edits the records of the tenant in force; the site runs each view in a unit of work.

    ``search_prefixes``: fields searched by their beginning. ``icon``: a Material symbol for sidebar and start page.
    ``on_dashboard``: whether the start page counts these records. ``administration``: whether the page stands in the
    sidebar's last group, apart from the daily work. ``copied``: whether every database has these records, so that a
    process which does not serve their owner still offers them as references. ``create_record``, ``update_record``,
    ``delete_record``, ``restore_record``: override them to call services.
    """

    form = RecordForm
    paginator = CappedPaginator
    checks_class = RecordAdminChecks
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 0
    change_form_template = "backoffice/change_form.html"
    warn_unsaved_form = True
    list_filter_submit = True
    actions: Any = ("export_csv", "export_jsonl", "restore_selected")
    search_fields: Any = ()
    ordering: Any = None

    search_prefixes: ClassVar[Sequence[str]] = ()
    icon: ClassVar[str] = "table_rows"
    on_dashboard: ClassVar[bool] = True
    administration: ClassVar[bool] = False
    copied: ClassVar[bool] = False

    def __init__(self, model: type[models.Model], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        self.keeps_deleted = issubclass(model, Record)
        if not self.search_fields:
            self.search_fields = tuple(self.search_prefixes)
        if self.ordering is None and not model._meta.ordering and _has_field(model, "created_at"):
            self.ordering = ("-created_at", "-pk")
        if not self.keeps_deleted:
            self.actions = tuple(name for name in self.actions or () if name != "restore_selected")

    # --- Writing: override these to call services -----------------------------------------------------------

    def create_record(self, request: HttpRequest, data: dict[str, Any]) -> models.Model | None:
        """Create a record from the form's values by a service and return it; None saves the form itself."""
        return None

    def update_record(
        self, request: HttpRequest, record: Any, changes: dict[str, Any]
    ) -> models.Model | None:
        """Change a record by a service and return it; ``record`` is as the database has it, locked. None
        saves the form itself."""
        return None

    def delete_record(self, request: HttpRequest, record: Any) -> None:
        """Delete a record; it is hidden and can be restored."""
        record.soft_delete()

    def restore_record(self, request: HttpRequest, record: Any) -> None:
        """Bring a deleted record back."""
        record.restore()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        data = {name: value for name, value in form.cleaned_data.items() if name != VERSION_FIELD}
        self.take_custom_fields(request, form, data)
        saved: models.Model | None
        if change:
            changes = {name: data[name] for name in (*form.changed_data, "custom_fields") if name in data}
            stored = self.model._base_manager.get(pk=obj.pk)
            saved = self.update_record(request, stored, changes)
        else:
            saved = self.create_record(request, data)
        if saved is None:
            settle_custom_fields(obj, data.get("custom_fields"))
            super().save_model(request, obj, form, change)
        else:
            obj.__dict__.update(saved.__dict__)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.delete_record(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for record in queryset:
            self.delete_record(request, record)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """Django's; what a service refuses comes back as errors of the form, with everything that was
        typed."""
        extra_context = {
            **(extra_context or {}),
            "version_field": VERSION_FIELD,
            "has_restore_permission": self.has_restore_permission(request),
        }
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        self._lock(request, object_id)
        try:
            with transaction.atomic():
                return super().changeform_view(request, object_id, form_url, extra_context)
        except DomainError as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.refusal = getattr(request, "refusal", None)
        return form

    def _lock(self, request: HttpRequest, object_id: str | None) -> None:
        """Lock the record before it is read, so that its version still holds when the form is saved."""
        if (
            object_id is None
            or not _has_field(self.model, "version")
            or not self.has_change_permission(request)
        ):
            return
        try:
            key = self.model._meta.pk.to_python(unquote(object_id))
        except ValidationError:
            return
        list(self.model._base_manager.filter(pk=key).select_for_update().values_list("pk"))

    # --- Reading --------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> Any:
        """The tenant's records; deleted ones only in lists (which filter them) and by address."""
        if self.keeps_deleted and getattr(request, "with_deleted", False):
            rows = self.model.all_objects.all()  # type: ignore[attr-defined]
            ordering = self.get_ordering(request)
            return rows.order_by(*ordering) if ordering else rows
        return super().get_queryset(request)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        request.with_deleted = True  # type: ignore[attr-defined]
        return super().get_object(request, object_id, from_field)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        request.with_deleted = True  # type: ignore[attr-defined]
        return super().changelist_view(request, extra_context)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[RecordChangeList]:
        return RecordChangeList

    def get_list_select_related(self, request: HttpRequest) -> Any:
        """References that the list shows, also the optional ones, which Django alone would fetch row by
        row."""
        declared = super().get_list_select_related(request)
        if declared is True:
            return True
        related = [] if declared is False else list(declared)
        for name in self.get_list_display(request):
            if isinstance(name, str) and (path := _relation_path(self.model, name)) and path not in related:
                related.append(path)
        return related or False

    def get_list_filter(self, request: HttpRequest) -> Any:
        filters = list(super().get_list_filter(request))
        if self.keeps_deleted and DeletedFilter not in filters:
            filters.append(DeletedFilter)
        return filters

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        missing = fields_not_there_yet(self.model)
        names = [name for name in self.search_fields if name not in missing]
        return queryset.filter(prefix_condition(self.model, names, term)), False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        if lookup.rpartition("__")[2] in TOO_COSTLY_LOOKUPS:
            return False
        return bool(super().lookup_allowed(lookup, value, request))

    # --- The form -------------------------------------------------------------------------------------------

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        """Custom fields are edited as the tenant defines them, not as text."""
        excluded = super().get_exclude(request, obj)
        return excluded if excluded is not None else ("custom_fields",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        declared = tuple(super().get_readonly_fields(request, obj))
        if obj is None:
            return declared
        return (*declared, *(name for name in self._record_fields(obj) if name not in declared))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        hidden = {*self._record_fields(obj), VERSION_FIELD} if obj is not None else {VERSION_FIELD}
        return [name for name in super().get_fields(request, obj) if self.fields or name not in hidden]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The declared fieldsets, one with the custom fields, and one with what the kit knows of the record."""
        fieldsets = [*super().get_fieldsets(request, obj), *self.custom_fieldsets(request, obj)]
        if obj is None:
            return fieldsets
        shown = flatten_fieldsets(fieldsets)
        rest = tuple(name for name in self._record_fields(obj) if name not in shown)
        return (
            [*fieldsets, ("Record", {"fields": (rest[:2], *rest[2:]), "classes": ("collapse",)})]
            if rest
            else fieldsets
        )

    def _record_fields(self, obj: Any) -> tuple[str, ...]:
        return tuple(
            name
            for name in RECORD_FIELDS
            if _has_field(self.model, name) and (name != "deleted_at" or getattr(obj, name) is not None)
        )

    # --- Permissions ----------------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A deleted record is shown as it was; it can be changed again once it is restored."""
        return not _is_deleted(obj) and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not self.keeps_deleted or _is_deleted(obj):
            return False
        return bool(super().has_delete_permission(request, obj))

    def has_restore_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may delete may restore."""
        return self.keeps_deleted and bool(super().has_delete_permission(request, None))

    # --- Deleting and restoring -----------------------------------------------------------------------------

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What the confirmation page lists: the records themselves, since nothing is lost."""
        listed = [str(record) for record in objs[:100]]
        return listed, {str(self.opts.verbose_name_plural): len(objs)}, set(), []

    def get_actions(self, request: HttpRequest) -> Any:
        actions = super().get_actions(request)
        deleted_are_listed = request.GET.get(SHOW_DELETED) in {"yes", "all"}
        if not deleted_are_listed:
            actions.pop("restore_selected", None)
        if not self.keeps_deleted or request.GET.get(SHOW_DELETED) == "yes":
            actions.pop("delete_selected", None)
        return actions

    @admin.action(description="Restore selected", permissions=["restore"])
    def restore_selected(self, request: HttpRequest, queryset: Any) -> None:
        restored = 0
        for record in queryset.filter(deleted_at__isnull=False):
            self.restore_record(request, record)
            restored += 1
        self.message_user(request, f"Restored {restored}.", messages.SUCCESS)

    def get_urls(self) -> list[URLPattern]:
        restore = path(
            "<path:object_id>/restore/",
            self.admin_site.admin_view(self.restore_view),
            name=f"{self.opts.app_label}_{self.opts.model_name}_restore",
        )
        return [restore, *super().get_urls()] if self.keeps_deleted else super().get_urls()

    @method_decorator(require_POST)
    def restore_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Bring one record back, from its page."""
        record = self.get_object(request, unquote(object_id))
        if record is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_restore_permission(request, record):
            raise PermissionDenied
        self.restore_record(request, record)
        self.message_user(request, f"Restored {record}.", messages.SUCCESS)
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", record.pk)

    # --- The log --------------------------------------------------------------------------------------------
    # Django's LogEntry gives way to the activity log, which sees every write; pages leave a line for
    # operators.

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        self._log(request, "added", obj.pk)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        self._log(request, "changed", obj.pk)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        for record in queryset:
            self._log(request, "deleted", record.pk)

    def _log(self, request: HttpRequest, verb: str, key: Any) -> None:
        log.info(
            "backoffice %s %s id=%s user=%s request_id=%s",
            verb,
            self.opts.label_lower,
            key,
            request.user.pk,
            getattr(request, "request_id", ""),
        )


def _has_field(model: type[models.Model], name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


def _is_deleted(obj: Any) -> bool:
    return getattr(obj, "deleted_at", None) is not None


def _relation_path(model: type[models.Model], name: str) -> str:
    """The part of a list column's name that follows foreign keys: ``customer__company`` of itself and of
    ``customer__company__name``."""
    path: list[str] = []
    for part in name.split("__"):
        try:
            field = model._meta.get_field(part)
        except FieldDoesNotExist:
            break
        if not isinstance(field, models.ForeignKey):
            break
        path.append(part)
        model = field.remote_field.model
    return "__".join(path)
