"""The form of a ticket's page: its fields, and what an agent says with it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from shared.backoffice.forms import RecordForm
from support.choices import TicketStatus
from support.states import allowed_after


class TicketForm(RecordForm):
    """A ticket. The status offers what the present one allows; an answer or a note is said on saving."""

    status = forms.ChoiceField(choices=TicketStatus.choices, required=False, widget=UnfoldAdminSelectWidget)
    tags = SimpleArrayField(
        forms.CharField(max_length=64),
        required=False,
        max_length=50,
        widget=UnfoldAdminTextInputWidget,
        help_text="Separate them by commas.",
    )
    answer = forms.CharField(
        required=False,
        max_length=100_000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text="The customer reads it.",
    )
    note = forms.CharField(
        required=False,
        max_length=100_000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="Only staff read it.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "status" in self.fields and not self.instance._state.adding:
            present = TicketStatus(self.instance.status)
            offered = (present, *allowed_after(present))
            self.fields["status"].choices = [(s.value, s.label) for s in offered]  # type: ignore[attr-defined]
            self.fields["status"].initial = present.value

    def clean_status(self) -> str:
        """Not chosen means unchanged."""
        return str(self.cleaned_data["status"] or self.instance.status)
