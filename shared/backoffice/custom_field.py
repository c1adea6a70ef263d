"""The page where administrators define custom fields; each domain registers it for its own table."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from shared.backoffice.forms import RecordForm
from shared.backoffice.record import RecordAdmin
from shared.records.custom_fields.models import CustomFieldDefinition
from shared.records.custom_fields.selectors import entities_of
from shared.records.custom_fields.services import (
    FIXED,
    define_custom_field,
    retire_custom_field,
    update_custom_field,
)
from shared.records.custom_fields.typed import text_of_value, value_of_text


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 5})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (value or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return list(initial or []) != self.to_python(data)


class DefaultField(forms.CharField):
    """A value of the type that the form names, as a text."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value: Any) -> Any:
        return text_of_value(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return text_of_value(initial) != (data or "").strip()


class CustomFieldForm(RecordForm):
    """A definition; the kinds of record are the domain's."""

    entity = forms.ChoiceField(widget=UnfoldAdminSelectWidget, help_text="The kind of record that has it.")
    choices = LinesField(required=False, help_text="One a line, for “one of several” and “some of several”.")
    default = DefaultField(
        required=False,
        help_text="What a new record gets where nothing is said: true or false, 2026-12-31, several choices as in s; m.",
    )

    def clean(self) -> Any:
        cleaned = super().clean()
        typed = self.cleaned_data.get("default")
        if typed:
            read = {
                name: self.cleaned_data.get(name, getattr(self.instance, name))
                for name in ("type", "choices")
            }
            try:
                self.cleaned_data["default"] = value_of_text(self._meta.model(**read), typed)  # type: ignore[attr-defined]
            except ValueError as error:
                self.add_error("default", str(error))
        return cleaned

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "entity" in self.fields:
            self.fields["entity"].choices = _entities(self._meta.model)  # type: ignore[attr-defined]


def _entities(model: Any) -> list[tuple[str, str]]:
    return list(entities_of(model).items())


class CustomFieldDefinitionAdmin(RecordAdmin):
    """What a field is called in the data is fixed once it is there; deleting hides it and its values."""

    form = CustomFieldForm
    list_display = ("label", "show_entity", "key", "type", "required", "unique", "visibility")
    list_filter = ("type", "visibility")
    fields = ("entity", "key", "label", "type", "choices", "required", "unique", "default", "visibility")
    icon = "dashboard_customize"
    on_dashboard = False
    administration = True

    @display(description="of", ordering="entity")
    def show_entity(self, obj: CustomFieldDefinition) -> str:
        """The kind of record."""
        return entities_of(type(obj)).get(obj.entity, obj.entity)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        declared = super().get_readonly_fields(request, obj)
        return declared if obj is None else (*FIXED, *declared)

    def create_record(self, request: HttpRequest, data: dict[str, Any]) -> CustomFieldDefinition:
        return define_custom_field(self.model, **data)

    def update_record(
        self, request: HttpRequest, record: CustomFieldDefinition, changes: dict[str, Any]
    ) -> CustomFieldDefinition:
        return update_custom_field(custom_field=record, **changes)  # type: ignore[typeddict-item]

    def delete_record(self, request: HttpRequest, record: CustomFieldDefinition) -> None:
        retire_custom_field(custom_field=record)
