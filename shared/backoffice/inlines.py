"""Records shown inside their parent's page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from unfold.admin import StackedInline, TabularInline
from unfold.forms import PaginationInlineFormSet

from shared.backoffice.forms import InlineRecordForm
from shared.backoffice.relations import RelationsMixin


class SoftDeletingFormSet(PaginationInlineFormSet):
    """Hides the records that were ticked for deletion."""

    def delete_existing(self, obj: Any, commit: bool = True) -> None:
        if commit:
            obj.soft_delete()


class _RecordInline(RelationsMixin):
    form = InlineRecordForm
    formset = SoftDeletingFormSet
    extra = 0
    exclude = ("custom_fields",)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Django's, without its protection against deleting: nothing is deleted, so nothing needs
        collecting."""
        made = super().get_formset(request, obj, **kwargs)  # type: ignore[misc]
        form = made.form
        if hasattr(form, "hand_clean_DELETE"):
            form.hand_clean_DELETE = lambda self: None
        return made


class RecordTabularInline(_RecordInline, TabularInline):
    """Rows of a table below the parent's fields."""


class RecordStackedInline(_RecordInline, StackedInline):
    """A form each below the parent's fields."""
